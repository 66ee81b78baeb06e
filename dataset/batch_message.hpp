#pragma once

#include "dataset/fault_plan.hpp"
#include "dataset/sample_table.hpp"

#include "dataset_service.pb.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace dispatch::dataset {

/// Puts the samples of a batch, and what its columns hold of them, into a message.
/// @param order of the samples, a permutation of all their indexes; empty: their own
/// @param index from 0 to table.data().batch_count(batch_size) - 1
/// @param message what it held before of data and columns is replaced; its memory is reused
void fill_batch(const sample_table& table, const std::vector<std::int32_t>& order, std::int32_t batch_size,
                std::int32_t index, ::dataset_service::DataBatch& message);

/// Makes a message as wrong as a fault wants it. Samples that are missing are missing in all columns.
void distort(::dataset_service::DataBatch& message, const distortion& changes, const sample_table& table);

/// What is said of a dataset.
void fill_description(const sample_table& table, ::dataset_service::DatasetInfo& message);

/// Protobuf takes no message of more bytes.
inline constexpr std::uint64_t max_message_bytes = std::numeric_limits<std::int32_t>::max();

/// Why a batch does not fit into a message, in words for people; nothing where it does. All columns count.
/// @param batch_size samples in a batch, at least 1
/// @param limit bytes of a message, more than those of its framing
std::optional<std::string> problem_of_size(const sample_table& table, std::int32_t batch_size,
                                           std::uint64_t limit = max_message_bytes);

} // namespace dispatch::dataset
