#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "wire/dataset_description.hpp"

namespace dispatch {

/// Bytes of one sample as described; 0 where the description does not say. An empty shape is that of a single number,
/// and also what a service sends that does not know the shape.
std::uint64_t sample_bytes_of(const dataset_description& description);

/// How a dataset service cuts a dataset into batches: each holds as many samples as the first one, and the last holds
/// the rest. The first batch shows that number, because a service may ignore the batch size that it is asked for.
///
/// Samples are counted by their bytes. That takes a description of the total, type and shape, and a first batch of
/// whole samples. Otherwise the layout is unknown, and every batch fits: samples may be compressed, and so differ in
/// size.
class batch_layout {
public:
  /// Unknown.
  batch_layout() = default;

  /// @param batch_size samples that the service was asked to put into a batch, at least 1
  /// @param first_bytes bytes of batch 0
  batch_layout(const dataset_description& description, std::int32_t batch_size, std::uint64_t first_bytes);

  /// Whether the samples of a batch can be counted.
  bool is_known() const noexcept { return sample_bytes_ > 0; }

  /// Samples in each batch but the last; 0 where that is unknown.
  std::int64_t batch_samples() const noexcept { return batch_samples_; }

  /// Number of batches; nothing where that is unknown.
  std::optional<std::int32_t> batches() const noexcept;

  /// What is wrong with the size of a batch, in words for people; nothing where it fits.
  std::optional<std::string> misfit(std::int32_t index, std::uint64_t bytes) const;

private:
  /// Samples that batch `index` has to hold; 0 behind the last one.
  std::int64_t due(std::int32_t index) const noexcept;

  std::int32_t total_samples_ = 0;
  std::int64_t batch_samples_ = 0;
  std::uint64_t sample_bytes_ = 0;
};

} // namespace dispatch
