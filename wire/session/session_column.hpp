#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/batch.hpp"
#include "wire/dataset_description.hpp"
#include "wire/session/order_spec.hpp"

namespace dispatch {

/// A column as a session's client gets it.
struct session_column {
  std::string name;
  /// As in a `received_batch`: empty for the samples.
  std::string received_name;
  /// NumPy's name; empty where the dataset service does not describe it.
  std::string data_type;
  /// Of one sample.
  std::vector<std::int32_t> shape;
  /// Of one sample; 0 where samples cannot be counted.
  std::uint64_t row_bytes = 0;
};

/// The columns of a dataset, its samples first.
std::vector<session_column> columns_of(const dataset_description& description);

/// Bytes of one sample in all columns.
std::uint64_t row_bytes_of(const std::vector<session_column>& columns) noexcept;

/// What a batch has of a column; empty where it has none.
const received_bytes& bytes_of(const received_batch& from, const session_column& wanted);

/// What is wrong with a block of an order, in words for people; nothing where it has all rows of all columns.
/// @param columns whose `row_bytes` are known
std::optional<std::string> block_misfit(const std::vector<session_column>& columns, const order_spec& order,
                                        const received_batch& block);

} // namespace dispatch
