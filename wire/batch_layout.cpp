#include "wire/batch_layout.hpp"

#include <algorithm>

#include "wire/sample_size.hpp"

namespace dispatch {

namespace {

/// Null where columns need not be looked at.
std::shared_ptr<const column_layout> columns_of(const dataset_description& description, std::int32_t batch_size) {
  if (description.columns.empty() || description.total_samples <= 0 || sample_bytes_of(description) == 0)
    return nullptr;
  return std::make_shared<const column_layout>(description, batch_size);
}

} // namespace

batch_layout::batch_layout(const dataset_description& description, std::int32_t batch_size)
  : columns_(columns_of(description, batch_size)) {}

batch_layout::batch_layout(const dataset_description& description, std::int32_t batch_size, std::uint64_t first_bytes) {
  const auto sample_bytes = sample_bytes_of(description);
  if (description.total_samples <= 0 || sample_bytes == 0 || first_bytes == 0 || first_bytes % sample_bytes != 0)
    return;
  const auto samples = static_cast<std::int64_t>(first_bytes / sample_bytes);
  const auto is_as_asked = samples == std::min(batch_size, description.total_samples);
  // Without a shape, only the size that was asked for shows that a sample is a single number.
  if (description.sample_shape.empty() && !is_as_asked)
    return;
  total_samples_ = description.total_samples;
  sample_bytes_ = sample_bytes;
  batch_samples_ = is_as_asked ? batch_size : samples;
  columns_ = columns_of(description, batch_size);
}

std::optional<std::int32_t> batch_layout::batches() const noexcept {
  if (!is_known())
    return std::nullopt;
  return static_cast<std::int32_t>((total_samples_ - 1) / batch_samples_ + 1);
}

std::int64_t batch_layout::due(std::int32_t index) const noexcept {
  return std::clamp<std::int64_t>(total_samples_ - index * batch_samples_, 0, batch_samples_);
}

std::optional<std::string> batch_layout::misfit(std::int32_t index, std::uint64_t bytes) const {
  const auto samples = due(index);
  if (!is_known() || bytes == static_cast<std::uint64_t>(samples) * sample_bytes_)
    return std::nullopt;
  const auto counted =
    bytes % sample_bytes_ == 0 ? std::to_string(bytes / sample_bytes_) + " samples" : std::to_string(bytes) + " bytes";
  return "batch " + std::to_string(index) + " has " + counted + " where " + std::to_string(samples) + " samples of "
         + std::to_string(sample_bytes_) + " bytes are due: " + std::to_string(total_samples_)
         + " samples are described, and the first batch has " + std::to_string(batch_samples_);
}

std::optional<std::string> batch_layout::misfit(const received_batch& batch) const {
  auto problem = misfit(batch.index, batch.data_bytes());
  return problem || columns_ == nullptr ? problem : columns_->misfit(batch);
}

std::optional<std::string> batch_layout::misfit(const batch& whole) const {
  const auto received = whole.received();
  return received != nullptr ? misfit(*received) : misfit(whole.index(), whole.data_bytes());
}

} // namespace dispatch
