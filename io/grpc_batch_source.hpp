#pragma once

#include <cstddef>

#include "messages/batch_source.hpp"

namespace dispatch::io {

struct grpc_options {
  /// Larger messages are refused with RESOURCE_EXHAUSTED. Room for a batch of 100 MiB and what is around it.
  std::size_t max_message_bytes = (std::size_t{100} << 20) + (std::size_t{1} << 20);
};

/// A factory of sources that speak gRPC (`proto/dataset_service.proto`), each over a connection of its own. Nothing is
/// connected before the first call.
batch_source_factory make_grpc_batch_sources(grpc_options options);

} // namespace dispatch::io
