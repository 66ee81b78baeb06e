#include "dataset/sample_table.hpp"

#include "dataset/data_error.hpp"

#include <algorithm>
#include <utility>

namespace dispatch::dataset {

namespace {

bool has_control_characters(const std::string& text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

} // namespace

sample_table::sample_table(sample_array data, std::string data_name, std::uint64_t limit)
  : data_(std::move(data)),
    data_name_(std::move(data_name)),
    limit_(limit) {
  if (has_control_characters(data_name_))
    throw data_error("the name of an array has control characters");
}

void sample_table::check_name(const std::string& name) const {
  if (name.empty())
    throw data_error("an array has no name");
  if (has_control_characters(name))
    throw data_error("the name of an array has control characters");
  const auto is_taken = [&name](const sample_column& column) { return column.name == name; };
  if (name == shown_data_name())
    throw data_error("a column cannot be called '" + name + "': that is the name of the samples themselves");
  if (std::any_of(columns_.begin(), columns_.end(), is_taken))
    throw data_error("there are two arrays of the name '" + name + "'");
}

void sample_table::add_column(std::string name, sample_array samples) {
  check_name(name);
  if (columns_.size() == max_columns)
    throw data_error("array '" + name + "' is one too many: a dataset has at most " + std::to_string(max_columns)
                     + " besides '" + std::string{shown_data_name()} + "'");
  if (samples.total_samples() != data_.total_samples())
    throw data_error("array '" + name + "' has " + std::to_string(samples.total_samples()) + " samples where '"
                     + std::string{shown_data_name()} + "' has " + std::to_string(data_.total_samples()));
  columns_.push_back({std::move(name), std::move(samples)});
  const auto bytes = sample_bytes() * static_cast<std::uint64_t>(data_.total_samples());
  if (bytes > limit_)
    throw data_error("with array '" + columns_.back().name + "' the dataset takes " + std::to_string(bytes)
                     + " bytes, which is more than the limit of " + std::to_string(limit_));
}

sample_table sample_table::part(std::int32_t first, std::int32_t count) const {
  sample_table result{data_.part(first, count), data_name_, limit_};
  for (const auto& column : columns_)
    result.columns_.push_back({column.name, column.samples.part(first, count)});
  return result;
}

std::uint64_t sample_table::sample_bytes() const noexcept {
  std::uint64_t bytes = data_.sample_bytes();
  for (const auto& column : columns_)
    bytes += column.samples.sample_bytes();
  return bytes;
}

} // namespace dispatch::dataset
