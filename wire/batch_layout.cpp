#include "wire/batch_layout.hpp"

#include <algorithm>
#include <limits>

#include "wire/element_size.hpp"

namespace dispatch {

std::uint64_t sample_bytes_of(const dataset_description& description) {
  auto bytes = element_size(description.data_type);
  for (const auto size : description.sample_shape) {
    const auto factor = static_cast<std::uint64_t>(std::max(size, 0));
    // No message holds such a sample.
    if (factor > 0 && bytes > std::numeric_limits<std::int64_t>::max() / factor)
      return 0;
    bytes *= factor;
  }
  return bytes;
}

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

} // namespace dispatch
