#include "wire/column_layout.hpp"

#include <algorithm>

#include "wire/sample_size.hpp"

namespace dispatch {

column_layout::column_layout(const dataset_description& description, std::int32_t batch_size)
  : total_samples_(description.total_samples),
    batch_size_(batch_size),
    has_shape_(!description.sample_shape.empty()),
    data_sample_bytes_(sample_bytes_of(description)) {
  for (const auto& column : description.columns)
    rules_.push_back({column.name, sample_bytes_of(column)});
}

std::optional<std::uint64_t> column_layout::samples_in(const received_batch& batch) const {
  const std::uint64_t bytes = batch.data_bytes();
  if (bytes == 0 || bytes % data_sample_bytes_ != 0)
    return std::nullopt;
  const auto samples = bytes / data_sample_bytes_;
  const auto asked = std::clamp<std::int64_t>(total_samples_ - batch.index * batch_size_, 0, batch_size_);
  // Without a shape, only the size that was asked for shows that a sample is a single number.
  if (!has_shape_ && samples != static_cast<std::uint64_t>(asked))
    return std::nullopt;
  return samples;
}

std::optional<std::string> column_layout::misfit(const received_batch& batch) const {
  const auto samples = samples_in(batch);
  if (!samples)
    return std::nullopt;
  for (const auto& due : rules_)
    if (auto problem = misfit(batch, due, *samples))
      return problem;
  return std::nullopt;
}

std::optional<std::string> column_layout::misfit(const received_batch& batch, const rule& due, std::uint64_t samples) {
  const auto has_name = [&due](const column& candidate) { return candidate.name == due.name; };
  const auto first = batch.columns.begin() + 1; // behind `data`
  const auto found = std::find_if(first, batch.columns.end(), has_name);
  const auto number = "batch " + std::to_string(batch.index);
  if (found == batch.columns.end())
    return number + " has no column '" + due.name + "', which is described";
  if (std::find_if(found + 1, batch.columns.end(), has_name) != batch.columns.end())
    return number + " has more than one column '" + due.name + "'";
  const std::uint64_t bytes = found->bytes.size();
  if (due.sample_bytes == 0 || (bytes % due.sample_bytes == 0 && bytes / due.sample_bytes == samples))
    return std::nullopt;
  return "column '" + due.name + "' of " + number + " has " + std::to_string(bytes) + " bytes where "
         + std::to_string(samples) + " samples of " + std::to_string(due.sample_bytes) + " bytes are due";
}

} // namespace dispatch
