#include "io/grpc/grpc_security.hpp"

#include <grpcpp/grpcpp.h>

#include <map>
#include <utility>

#include "io/host_port.hpp"
#include "io/tls/bearer_token.hpp"
#include "io/tls/failed_peer.hpp"
#include "messages/named_address.hpp"

namespace dispatch::io {

namespace {

/// Puts the token of a file into each call.
class token_plugin : public grpc::MetadataCredentialsPlugin {
public:
  explicit token_plugin(const tls::file_option& file) : token_(file) {}

  /// A small file once a second is no reason for a thread.
  bool IsBlocking() const override { return false; }

  const char* GetType() const override { return "bearer"; }

  grpc::Status GetMetadata(grpc::string_ref, grpc::string_ref, const grpc::AuthContext&,
                           std::multimap<grpc::string, grpc::string>* metadata) override {
    metadata->emplace("authorization", "Bearer " + token_.current());
    return grpc::Status::OK;
  }

  grpc::string DebugString() override { return "a bearer token"; }

private:
  tls::bearer_token token_;
};

std::shared_ptr<grpc::ChannelCredentials> secure_credentials(const tls::pem_texts& pem,
                                                             const tls::file_option& token_file) {
  auto channel = grpc::SslCredentials({pem.authorities, pem.key, pem.certificate});
  if (token_file.path.empty())
    return channel;
  return grpc::CompositeChannelCredentials(
    channel, grpc::MetadataCredentialsFromPlugin(std::make_unique<token_plugin>(token_file)));
}

/// The name in an address, as gRPC verifies it.
std::string name_in(const std::string& address) {
  if (parse_unix_path(address))
    return "localhost";
  const auto parsed = parse_host_port(address);
  return parsed ? parsed->host : address;
}

/// An address of a name is asked by that name; empty for other upstreams, which are asked by their address.
std::string authority_in(const std::string& upstream) {
  const auto named = parse_named_address(upstream);
  const auto address = named ? parse_host_port(named->address) : std::nullopt;
  return address ? to_string(host_port{named->name, address->port}) : std::string{};
}

} // namespace

channel_security::channel_security(const std::string& upstream, const grpc_options& options)
  : authority_(options.authority.empty() ? authority_in(upstream) : options.authority) {
  manner_.name = name_in(!authority_.empty() ? authority_ : upstream);
  if (!options.tls) {
    credentials_ = grpc::InsecureChannelCredentials();
    return;
  }
  manner_.is_tls = true;
  manner_.files = options.tls->files;
  token_path_ = options.tls->token_file.path;
  pem_ = tls::read_pem_files(options.tls->files);
  credentials_ = secure_credentials(pem_, options.tls->token_file);
}

void channel_security::set_name(grpc::ChannelArguments& arguments) const {
  if (authority_.empty())
    return;
  arguments.SetString(GRPC_ARG_DEFAULT_AUTHORITY, authority_);
  if (manner_.is_tls)
    arguments.SetSslTargetNameOverride(name_in(authority_));
}

std::optional<tls::handshake_request> channel_security::handshake_after(const std::string& failure) const {
  const auto peer = tls::failed_peer(failure);
  if (!peer)
    return std::nullopt;
  tls::handshake_request request;
  request.address = *peer;
  request.name = manner_.name;
  request.pem = pem_;
  return request;
}

grpc::Status channel_security::explained(const grpc::Status& status) const {
  if (status.error_code() != grpc::StatusCode::UNAUTHENTICATED)
    return status;
  const auto said = status.error_message().empty() ? std::string{} : " (" + status.error_message() + ")";
  if (token_path_.empty())
    return {status.error_code(), "the upstream wants to know who calls" + said
                                   + ": --upstream-token-file takes a token, --upstream-cert a certificate"};
  return {status.error_code(), "the upstream refuses the token in '" + token_path_ + "'" + said
                                 + ": a new one in that file is taken within a second"};
}

} // namespace dispatch::io
