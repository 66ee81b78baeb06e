#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "dataset/sample_array.hpp"

namespace dispatch::chaos {

/// The samples of a dataset, each of which can be told by its bytes.
class known_samples {
public:
  /// Throws `run_failure` when two samples begin alike.
  explicit known_samples(dataset::sample_array samples);

  std::int64_t count() const noexcept { return samples_.total_samples(); }
  std::size_t row_bytes() const noexcept { return samples_.sample_bytes(); }

  /// The number of the sample that is this row; nothing where none is.
  std::optional<std::int64_t> number_of(std::string_view row) const;

  /// The bytes of a sample.
  std::string_view row(std::int64_t number) const noexcept {
    return samples_.sample(static_cast<std::int32_t>(number));
  }

private:
  dataset::sample_array samples_;
  std::unordered_map<std::string_view, std::int32_t> numbers_; // by the first bytes
};

} // namespace dispatch::chaos
