#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace dispatch::bench {

/// Counts durations in buckets that are 3 % wide, so that any number of them takes the same memory.
class duration_histogram {
public:
  using duration = std::chrono::nanoseconds;

  /// Less than zero counts as zero.
  void add(duration value) noexcept;

  /// Adds everything that `other` has counted.
  void merge(const duration_histogram& other) noexcept;

  std::uint64_t count() const noexcept { return count_; }

  /// The largest duration, exactly; zero where nothing was counted.
  duration max() const noexcept { return max_; }

  /// The duration that `share` of all are not above, up to 3 % too large; zero where nothing was counted.
  /// @param share from 0 to 1
  duration quantile(double share) const noexcept;

private:
  /// Buckets for each power of two.
  static constexpr std::size_t parts = 32;
  static constexpr std::size_t part_bits = 5;

  static std::size_t bucket_of(std::uint64_t value) noexcept;
  static std::uint64_t last_in(std::size_t bucket) noexcept;

  std::array<std::uint64_t, (64 - part_bits + 1) * parts> buckets_{};
  std::uint64_t count_ = 0;
  duration max_{0};
};

} // namespace dispatch::bench
