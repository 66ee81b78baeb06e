#pragma once

#include <grpcpp/support/byte_buffer.h>

#include <cstddef>
#include <optional>

#include "wire/batch.hpp"

namespace dispatch::io {

/// The most columns that a batch may have besides `data`.
inline constexpr std::size_t max_columns = 64;

/// Reads a `DataBatch` (proto/dataset_service.proto). The bytes of `data`, which is the first column, and of the other
/// columns stay where gRPC received them. Takes the buffer's content.
/// @returns nothing where it is no such message, or one of too many columns
std::optional<received_batch> read_data_batch(grpc::ByteBuffer& buffer);

} // namespace dispatch::io
