#include "bench/stream/duration_histogram.hpp"

#include <algorithm>
#include <cmath>

namespace dispatch::bench {

std::size_t duration_histogram::bucket_of(std::uint64_t value) noexcept {
  if (value < parts)
    return value;
  const auto shift = 63u - static_cast<unsigned>(__builtin_clzll(value)) - part_bits;
  // The topmost bit of `value >> shift` is that of `parts`: it moves each power of two behind the one before.
  return shift * parts + (value >> shift);
}

std::uint64_t duration_histogram::last_in(std::size_t bucket) noexcept {
  if (bucket < parts)
    return bucket;
  const auto shift = bucket / parts - 1;
  return ((bucket - shift * parts + 1) << shift) - 1;
}

void duration_histogram::add(duration value) noexcept {
  value = std::max(value, duration::zero());
  ++buckets_[bucket_of(static_cast<std::uint64_t>(value.count()))];
  ++count_;
  max_ = std::max(max_, value);
}

void duration_histogram::merge(const duration_histogram& other) noexcept {
  for (std::size_t i = 0; i < buckets_.size(); ++i)
    buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  max_ = std::max(max_, other.max_);
}

duration_histogram::duration duration_histogram::quantile(double share) const noexcept {
  const auto rank = static_cast<std::uint64_t>(std::ceil(std::clamp(share, 0.0, 1.0) * static_cast<double>(count_)));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    seen += buckets_[i];
    if (seen > 0 && seen >= rank)
      return std::min(max_, duration{static_cast<std::int64_t>(last_in(i))});
  }
  return max_;
}

} // namespace dispatch::bench
