#pragma once

#include <grpcpp/support/byte_buffer.h>

#include <cstdint>
#include <optional>

#include "messages/received_bytes.hpp"

namespace dispatch::io {

/// A `DataBatch` (proto/dataset_service.proto) as it came: its samples stay where gRPC received them.
struct data_batch {
  received_bytes data;
  std::int32_t batch_index = 0;
  bool is_last_batch = false;
};

/// Reads a message without copying its samples. Takes the buffer's content.
/// @returns nothing where it is no such message
std::optional<data_batch> read_data_batch(grpc::ByteBuffer& buffer);

} // namespace dispatch::io
