#pragma once

#include <grpcpp/support/byte_buffer.h>

#include <optional>

#include "wire/batch.hpp"

namespace dispatch::io {

/// Reads a `DataBatch` (proto/dataset_service.proto). Its samples stay where gRPC received them. Takes the buffer's
/// content.
/// @returns nothing where it is no such message
std::optional<received_batch> read_data_batch(grpc::ByteBuffer& buffer);

} // namespace dispatch::io
