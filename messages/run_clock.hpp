#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>

namespace dispatch {

/// Time that this process has run. It does not run while it is stopped by a signal, frozen with its container or
/// suspended with its machine, and no deadline passes meanwhile. The clock is told the time again and again. A gap
/// between two times that is longer than a busy machine explains was not run.
///
/// Readable in any thread while one thread tells it the time.
class run_clock {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using duration = std::chrono::steady_clock::duration;

  /// So much of a time that was not run counts all the same.
  static constexpr std::chrono::seconds longest_gap{2};

  explicit run_clock(time_point now) : told_at_(now) {}

  /// Tells it the time. To be done several times within `longest_gap`.
  void tell(time_point now) {
    const std::lock_guard guard{mutex_};
    const auto stood = standing(now);
    // In this order: a reader that sees the new time sees what was lost until then.
    lost_ = lost_.load() + stood;
    told_at_ = now;
  }

  /// How much of the time until `now` this process has not run.
  duration lost_until(time_point now) const {
    if (now - told_at_.load() <= longest_gap)
      return lost_.load();
    const std::lock_guard guard{mutex_};
    return lost_.load() + standing(now);
  }

private:
  duration standing(time_point now) const { return std::max(now - told_at_.load() - longest_gap, duration::zero()); }

  mutable std::mutex mutex_;
  std::atomic<time_point> told_at_;
  std::atomic<duration> lost_{duration::zero()};
};

using run_clock_ptr = std::shared_ptr<const run_clock>;

/// How much of the time until `now` was not run; nothing where there is no clock that knows.
inline run_clock::duration lost_until(const run_clock_ptr& clock, run_clock::time_point now) {
  return clock != nullptr ? clock->lost_until(now) : run_clock::duration::zero();
}

/// `now` in time that was run: what deadlines are measured in.
inline run_clock::time_point run_time(const run_clock_ptr& clock, run_clock::time_point now) {
  return now - lost_until(clock, now);
}

} // namespace dispatch
