#pragma once

#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

#include <memory>
#include <optional>
#include <string>

#include "io/grpc/grpc_batch_source.hpp"
#include "io/tls/handshake.hpp"
#include "io/tls/handshake_trouble.hpp"

namespace dispatch::io {

/// What a channel is opened with, read from the files of its options at one moment: for gRPC, and for a handshake of
/// our own that finds out why gRPC's fails.
class channel_security {
public:
  /// Reads the files.
  /// @throws tls::file_error
  channel_security(const std::string& upstream, const grpc_options& options);

  const std::shared_ptr<grpc::ChannelCredentials>& credentials() const { return credentials_; }

  /// Sets the name that the upstream is asked by, where that is another one than its address.
  void set_name(grpc::ChannelArguments& arguments) const;

  /// A handshake with the address where a call failed; nothing where its text does not say that there was one.
  std::optional<tls::handshake_request> handshake_after(const std::string& failure) const;

  const tls::channel_manner& manner() const { return manner_; }

  /// How a call ended. UNAUTHENTICATED is explained, with the way out.
  grpc::Status explained(const grpc::Status& status) const;

private:
  std::string authority_;
  std::string token_path_;
  tls::channel_manner manner_;
  tls::pem_texts pem_;
  std::shared_ptr<grpc::ChannelCredentials> credentials_;
};

} // namespace dispatch::io
