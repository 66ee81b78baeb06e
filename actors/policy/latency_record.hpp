#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <optional>

namespace dispatch::policy {

/// How long the latest calls took.
class latency_record {
public:
  using duration = std::chrono::steady_clock::duration;

  /// How many calls are remembered: enough for the slowest of a hundred to be among them a few times.
  static constexpr std::size_t capacity = 512;

  void add(duration latency) noexcept { latest_[added_++ % capacity] = latency; }

  /// The latency that a share of `rank` of the calls did not exceed; nothing before the first call.
  /// @param rank above 0, at most 1
  std::optional<duration> quantile(double rank) const {
    const auto count = std::min(added_, capacity);
    if (count == 0)
      return std::nullopt;
    auto sorted = latest_;
    const auto index = static_cast<std::size_t>(std::ceil(rank * static_cast<double>(count))) - 1;
    const auto nth = sorted.begin() + static_cast<std::ptrdiff_t>(index);
    std::nth_element(sorted.begin(), nth, sorted.begin() + static_cast<std::ptrdiff_t>(count));
    return *nth;
  }

private:
  std::array<duration, capacity> latest_{};
  std::size_t added_ = 0;
};

} // namespace dispatch::policy
