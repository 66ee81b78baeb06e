#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "wire/dataset_description.hpp"

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

} // namespace dispatch
