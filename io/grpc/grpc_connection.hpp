#pragma once

#include <grpc/grpc_security.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>

#include <atomic>
#include <memory>
#include <utility>

namespace dispatch::io {

/// A channel that serves for one connection only. gRPC makes another one as soon as a call needs it, and says nothing:
/// here that is found out, and whoever answers over it is not taken for the one who answered first.
class grpc_connection {
public:
  explicit grpc_connection(std::shared_ptr<grpc::Channel> channel) : channel_(std::move(channel)) {}

  ~grpc_connection() { grpc_auth_context_release(first_); }

  grpc_connection(const grpc_connection&) = delete;
  grpc_connection& operator=(const grpc_connection&) = delete;

  /// Whether somebody has answered and the connection to them is gone. For ever then.
  bool is_lost();

  /// Whether somebody has answered and the connection is there, as far as is known.
  bool is_there() { return first_ != nullptr && !is_lost(); }

  /// How a call has ended, or that it was over another connection. Whoever is first to answer it well is the one. In
  /// any thread, before the call's context goes.
  grpc::Status end_of(grpc::ClientContext& call, const grpc::Status& status);

  /// What becomes of calls once it is lost.
  static grpc::Status lost();

  /// Whether a call that has ended so was made over the first connection; one that ended as `lost()` was not.
  static bool was_made(const grpc::Status& end);

private:
  std::shared_ptr<grpc::Channel> channel_;
  /// What the first one got at the handshake, encrypted or not: each connection has an object of its own, which its
  /// calls refer to. It is held, so that no other one comes to have its address.
  std::atomic<grpc_auth_context*> first_{nullptr};
  std::atomic<bool> lost_{false};
};

} // namespace dispatch::io
