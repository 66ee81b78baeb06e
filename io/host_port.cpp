#include "io/host_port.hpp"

#include <charconv>

namespace dispatch::io {

namespace {

constexpr std::string_view v4_in_v6 = "::ffff:";

constexpr std::string_view unix_prefix = "unix:";

constexpr std::string_view dns_prefix = "dns:";

} // namespace

std::optional<host_port> parse_host_port(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos)
    return std::nullopt;
  auto host = text.substr(0, colon);
  const auto port = text.substr(colon + 1);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  else if (host.find(':') != std::string_view::npos)
    return std::nullopt;
  if (host.find_first_of("[]") != std::string_view::npos)
    return std::nullopt;
  host_port result{std::string{host == "*" ? "" : host}, 0};
  const auto* end = port.data() + port.size();
  const auto [stopped, problem] = std::from_chars(port.data(), end, result.port);
  if (problem != std::errc{} || stopped != end)
    return std::nullopt;
  return result;
}

std::optional<std::string> parse_unix_path(std::string_view text) {
  if (text.substr(0, unix_prefix.size()) != unix_prefix)
    return std::nullopt;
  return std::string{text.substr(unix_prefix.size())};
}

std::optional<host_port> parse_dns_name(std::string_view text) {
  if (text.substr(0, dns_prefix.size()) != dns_prefix)
    return std::nullopt;
  auto name = parse_host_port(text.substr(dns_prefix.size()));
  const auto is_name = name && !name->host.empty() && name->host.find('/') == std::string::npos && name->port != 0;
  return is_name ? name : std::nullopt;
}

std::string to_string(const host_port& address) {
  std::string_view host = address.host;
  if (host.substr(0, v4_in_v6.size()) == v4_in_v6 && host.find('.') != std::string_view::npos)
    host.remove_prefix(v4_in_v6.size());
  const auto needs_brackets = host.find(':') != std::string_view::npos;
  std::string result;
  result.append(needs_brackets ? "[" : "").append(host).append(needs_brackets ? "]" : "");
  return result.append(":").append(std::to_string(address.port));
}

} // namespace dispatch::io
