#include "io/grpc/grpc_connection.hpp"

#include "io/grpc/grpc_results.hpp"

namespace dispatch::io {

namespace {

/// In the details of a status, where people do not see it.
constexpr const char* not_made = "dispatcher: not over this connection";

struct handshake_release {
  void operator()(grpc_auth_context* handshake) const { grpc_auth_context_release(handshake); }
};

/// Nothing where the call never got a connection.
std::unique_ptr<grpc_auth_context, handshake_release> handshake_of(grpc::ClientContext& call) {
  return std::unique_ptr<grpc_auth_context, handshake_release>{grpc_call_auth_context(call.c_call())};
}

} // namespace

bool grpc_connection::is_lost() {
  if (first_ != nullptr && channel_->GetState(false) != GRPC_CHANNEL_READY)
    lost_ = true;
  return lost_;
}

grpc::Status grpc_connection::end_of(grpc::ClientContext& call, const grpc::Status& status) {
  auto handshake = handshake_of(call);
  auto first = first_.load();
  if (first == nullptr && status.ok() && first_.compare_exchange_strong(first, handshake.get()))
    first = handshake.release();
  if (first == nullptr || handshake == nullptr || handshake.get() == first)
    return from_service(status);
  lost_ = true;
  return lost();
}

grpc::Status grpc_connection::lost() {
  return {grpc::StatusCode::UNAVAILABLE, "the connection to the dataset service was lost", not_made};
}

bool grpc_connection::was_made(const grpc::Status& end) {
  return end.error_details() != not_made;
}

} // namespace dispatch::io
