#include "apps/dispatcher/upstream_options.hpp"

#include <algorithm>
#include <utility>

#include "io/host_port.hpp"
#include "io/tls/bearer_token.hpp"

namespace dispatch {

namespace {

constexpr const char* takes_upstreams =
  "; it takes host:port, unix:path or dns:name:port, or several of them with commas";

/// Where `text` is `dns:name:port`.
std::optional<upstream_name> name_in(const std::string& text) {
  auto name = io::parse_dns_name(text);
  return name ? std::optional{upstream_name{text, std::move(name->host), name->port}} : std::nullopt;
}

bool is_upstream(const std::string& text) {
  if (const auto path = io::parse_unix_path(text))
    return !path->empty() && path->size() <= io::longest_unix_path;
  if (name_in(text))
    return true;
  const auto address = io::parse_host_port(text);
  return address && !address->host.empty() && address->port != 0;
}

std::optional<std::string> check_addresses(const std::vector<std::string>& upstreams) {
  if (upstreams.empty())
    return std::string{"--upstream: got no address"} + takes_upstreams;
  for (auto i = upstreams.begin(); i != upstreams.end(); ++i) {
    if (!is_upstream(*i))
      return "--upstream: got '" + *i + "'" + takes_upstreams;
    if (std::find(upstreams.begin(), i, *i) != i)
      return "--upstream: got '" + *i + "' twice; --fetchers sets the number of connections to an address";
  }
  return std::nullopt;
}

io::upstream_tls tls_of(const config& values) {
  return {{{"--upstream-ca", values.upstream_ca},
           {"--upstream-cert", values.upstream_cert},
           {"--upstream-key", values.upstream_key}},
          {"--upstream-token-file", values.upstream_token_file}};
}

/// What needs TLS and was given without it.
std::optional<std::string> check_without_tls(const io::upstream_tls& given) {
  for (const auto* file : {&given.files.authorities, &given.files.certificate, &given.files.key, &given.token_file})
    if (!file->path.empty())
      return file->option + ": got '" + file->path
             + "' without --upstream-tls; it takes effect over TLS only, and a token is never sent in plain text";
  return std::nullopt;
}

std::optional<std::string> check_with_tls(const io::upstream_tls& given) {
  const auto& [authorities, certificate, key] = given.files;
  if (certificate.path.empty() != key.path.empty()) {
    const auto& there = certificate.path.empty() ? key : certificate;
    const auto& missing = certificate.path.empty() ? certificate : key;
    return there.option + ": got '" + there.path + "' without " + missing.option + "; a certificate goes with its key";
  }
  try {
    tls::read_pem_files(given.files);
    if (!given.token_file.path.empty())
      tls::bearer_token{given.token_file};
  } catch (const tls::file_error& problem) {
    return problem.what();
  }
  return std::nullopt;
}

std::optional<std::string> check_authority(const std::string& name) {
  const auto is_odd = [](char c) { return c <= ' ' || c > '~'; };
  if (std::none_of(name.begin(), name.end(), is_odd))
    return std::nullopt;
  return "--upstream-authority: got '" + name + "'; it takes a host name, as it stands in a certificate";
}

} // namespace

upstream_places upstreams_of(const config& values) {
  upstream_places result;
  for (const auto& text : values.upstreams) {
    if (auto name = name_in(text))
      result.names.push_back(std::move(*name));
    else
      result.addresses.push_back(text);
  }
  return result;
}

std::optional<std::string> check_upstream_options(const config& candidate) {
  if (candidate.embedded)
    return std::nullopt;
  if (auto problem = check_addresses(candidate.upstreams))
    return problem;
  if (auto problem = check_authority(candidate.upstream_authority))
    return problem;
  return candidate.upstream_tls ? check_with_tls(tls_of(candidate)) : check_without_tls(tls_of(candidate));
}

io::grpc_options grpc_options_of(const config& values) {
  io::grpc_options result;
  // A call may take as long as that without a byte from the service.
  result.silence_limit = std::max(values.call_timeout, result.silence_limit);
  if (values.embedded)
    return result;
  if (values.upstream_tls)
    result.tls = tls_of(values);
  result.authority = values.upstream_authority;
  return result;
}

} // namespace dispatch
