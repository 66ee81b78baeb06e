#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/batch.hpp"
#include "wire/dataset_description.hpp"

namespace dispatch {

/// Which columns a batch has to have besides `data`, and of which size: each has a row for each sample of `data`.
///
/// The samples of a batch are counted by the bytes of `data`. Where that cannot be done, every batch fits. A column
/// whose description does not say how large a row is has to be there, whatever its size. Columns that are not described
/// are not looked at.
class column_layout {
public:
  /// @param description with columns, and of samples whose bytes are known
  /// @param batch_size samples that the service was asked to put into a batch, at least 1
  column_layout(const dataset_description& description, std::int32_t batch_size);

  /// What is wrong with the columns of a batch, in words for people; nothing where they fit.
  std::optional<std::string> misfit(const received_batch& batch) const;

private:
  struct rule {
    std::string name;
    /// 0 where the description does not say.
    std::uint64_t sample_bytes;
  };

  /// Samples in `data` of a batch; nothing where they cannot be counted.
  std::optional<std::uint64_t> samples_in(const received_batch& batch) const;

  static std::optional<std::string> misfit(const received_batch& batch, const rule& due, std::uint64_t samples);

  std::int64_t total_samples_;
  std::int64_t batch_size_;
  bool has_shape_;
  std::uint64_t data_sample_bytes_;
  std::vector<rule> rules_;
};

} // namespace dispatch
