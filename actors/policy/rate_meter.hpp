#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>

namespace dispatch::policy {

/// How often something has happened, lately: an exponentially weighted rate, in which what happened a few seconds ago
/// counts little. Where nothing happens any more it sinks, and is 0 after a while.
class rate_meter {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// @param now when it begins to count
  explicit rate_meter(time_point now) noexcept : began_(now), at_(now) {}

  void add(time_point now, double events) noexcept {
    decayed_ = decayed_ * weight(now - at_) + events;
    at_ = now;
  }

  double per_second(time_point now) const noexcept {
    if (now - at_ >= nothing_after)
      return 0;
    // What there would be by now if one event happened in each second. In the first second there would be less than
    // one, which says little.
    const auto age = std::max<std::chrono::steady_clock::duration>(now - began_, std::chrono::seconds{1});
    return decayed_ * weight(now - at_) / (memory * (1 - weight(age)));
  }

private:
  /// After so many seconds, an event counts 1/e of a new one.
  static constexpr double memory = 3;

  /// What is left by then is less than a hundredth.
  static constexpr std::chrono::seconds nothing_after{15};

  static double weight(std::chrono::duration<double> age) noexcept { return std::exp(-age.count() / memory); }

  time_point began_;
  time_point at_;
  double decayed_ = 0;
};

} // namespace dispatch::policy
