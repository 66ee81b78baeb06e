#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/generic/generic_stub.h>

#include <memory>

#include "bench/bare/options.hpp"

namespace dispatch::bench {

/// How long one pass took.
struct pass_times {
  double seconds = 0;
  double first_batch_ms = 0;
};

/// Reads passes over one connection. Messages stay as gRPC received them.
class upstream_reader {
public:
  /// Connects.
  /// @throws std::runtime_error where that takes too long
  explicit upstream_reader(const bare_options& options);

  /// Reads one pass.
  /// @throws std::runtime_error where it is not complete
  pass_times read();

private:
  pass_times read_stream();
  pass_times read_by_calls();

  bare_options options_;
  std::shared_ptr<grpc::Channel> channel_;
  grpc::GenericStub stub_;
};

} // namespace dispatch::bench
