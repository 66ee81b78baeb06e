#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace dispatch {

/// One column that a dataset has besides `data`, such as labels.
struct column_description {
  /// Not empty.
  std::string name;
  /// Of one sample, without the batch dimension; empty where that is a single number.
  std::vector<std::int32_t> sample_shape;
  /// NumPy's name of the element type, or `bfloat16`. Elements are little endian.
  std::string data_type;

  friend bool operator==(const column_description& a, const column_description& b) {
    return a.name == b.name && a.sample_shape == b.sample_shape && a.data_type == b.data_type;
  }

  friend bool operator!=(const column_description& a, const column_description& b) { return !(a == b); }
};

/// What a dataset consists of, as its service describes it.
struct dataset_description {
  std::string dataset;
  /// 0 where the service does not say.
  std::int32_t total_samples = 0;
  /// Of one sample, without the batch dimension.
  std::vector<std::int32_t> sample_shape;
  /// NumPy's name of the element type, such as `float32`.
  std::string data_type;
  /// What `data` is called; empty where the service does not say, which means `data`.
  std::string data_name{};
  /// The columns besides `data`, which each batch has. Their names differ from each other and from that of `data`.
  std::vector<column_description> columns{};

  friend bool operator==(const dataset_description& a, const dataset_description& b) {
    return a.dataset == b.dataset && a.total_samples == b.total_samples && a.sample_shape == b.sample_shape
           && a.data_type == b.data_type && a.data_name == b.data_name && a.columns == b.columns;
  }

  friend bool operator!=(const dataset_description& a, const dataset_description& b) { return !(a == b); }
};

} // namespace dispatch
