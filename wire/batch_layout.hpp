#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "wire/batch.hpp"
#include "wire/column_layout.hpp"
#include "wire/dataset_description.hpp"

namespace dispatch {

/// How a dataset service cuts a dataset into batches: each holds as many samples as the first one, and the last holds
/// the rest. The first batch shows that number, because a service may ignore the batch size that it is asked for.
///
/// Samples are counted by their bytes. That takes a description of the total, type and shape, and a first batch of
/// whole samples. Otherwise the layout is unknown, and every batch fits: samples may be compressed, and so differ in
/// size.
///
/// Each described column of a batch has as many rows as the batch has samples (`column_layout`). That needs no first
/// batch.
class batch_layout {
public:
  /// Unknown.
  batch_layout() = default;

  /// Before the first batch has come: only columns have to fit.
  /// @param batch_size samples that the service was asked to put into a batch, at least 1
  batch_layout(const dataset_description& description, std::int32_t batch_size);

  /// @param batch_size as above
  /// @param first_bytes bytes of batch 0
  batch_layout(const dataset_description& description, std::int32_t batch_size, std::uint64_t first_bytes);

  /// Whether the samples of a batch can be counted.
  bool is_known() const noexcept { return sample_bytes_ > 0; }

  /// Samples in each batch but the last; 0 where that is unknown.
  std::int64_t batch_samples() const noexcept { return batch_samples_; }

  /// Number of batches; nothing where that is unknown.
  std::optional<std::int32_t> batches() const noexcept;

  /// What is wrong with the size of `data` in a batch, in words for people; nothing where it fits.
  std::optional<std::string> misfit(std::int32_t index, std::uint64_t bytes) const;

  /// What is wrong with the sizes of `data` and of the columns, in words for people; nothing where they fit.
  std::optional<std::string> misfit(const received_batch& batch) const;

  /// The same of a batch that may be there as text alone, which has no columns: then only `data` is looked at.
  std::optional<std::string> misfit(const batch& whole) const;

private:
  /// Samples that batch `index` has to hold; 0 behind the last one.
  std::int64_t due(std::int32_t index) const noexcept;

  std::int32_t total_samples_ = 0;
  std::int64_t batch_samples_ = 0;
  std::uint64_t sample_bytes_ = 0;
  /// Null where columns need not be looked at.
  std::shared_ptr<const column_layout> columns_;
};

} // namespace dispatch
