#pragma once

#include "dataset/sample_array.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dispatch::dataset {

/// The most columns that a dataset may have besides `data`: a dispatcher takes no more in a batch.
inline constexpr std::size_t max_columns = 64;

/// One column of a dataset, such as labels.
struct sample_column {
  std::string name;
  sample_array samples;
};

/// The samples of one dataset in memory: an array that is sent as `data`, and further columns of equal length, whose
/// row i belongs to sample i.
class sample_table {
public:
  /// @param data_name what `data` is called; empty: `data`
  /// @param limit bytes that all arrays may take together
  sample_table(sample_array data, std::string data_name = {}, std::uint64_t limit = max_array_bytes);

  /// @throws data_error when the column has not as many samples as `data`, when its name is empty, taken or holds
  ///   control characters, when there are too many columns, or when all take more bytes than the limit
  void add_column(std::string name, sample_array samples);

  /// A part of the samples, with the same columns.
  /// @param first from 0
  /// @param count at least 1; first + count is at most the number of samples
  sample_table part(std::int32_t first, std::int32_t count) const;

  const sample_array& data() const noexcept { return data_; }

  /// Empty: `data`.
  const std::string& data_name() const noexcept { return data_name_; }

  const std::vector<sample_column>& columns() const noexcept { return columns_; }

  /// Bytes of one sample in all arrays.
  std::uint64_t sample_bytes() const noexcept;

private:
  /// What people call the array.
  std::string_view shown_data_name() const noexcept {
    return data_name_.empty() ? "data" : std::string_view{data_name_};
  }

  void check_name(const std::string& name) const;

  sample_array data_;
  std::string data_name_;
  std::uint64_t limit_;
  std::vector<sample_column> columns_;
};

} // namespace dispatch::dataset
