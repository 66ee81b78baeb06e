#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

#include "actors/policy/rate_measure.hpp"

namespace dispatch::policy {

/// How a call ended.
enum class call_outcome {
  /// With a batch.
  ok,
  /// Without one, for a reason that says nothing about load.
  failed,
  /// The upstream had too much to do: `RESOURCE_EXHAUSTED`, or the deadline was over.
  overloaded,
};

/// Measures what an upstream does under a limit of calls, in slices of time. A slice is over after whole rounds of
/// calls. It is steady, and so evidence of what that many calls bring, where they were under way nearly all the time:
///
///     peak     = the most calls under way in the slice, at most the limit
///     over     = (ok >= 4 or ended >= 4 * max(4, peak)) and ended % peak == 0 and length >= 2 ms
///     steady   = seconds under way, summed over the calls >= 0.9 * peak * length
///     overload = overloaded >= 2 and overloaded > max(limit, 4) / 8
///     bears    = (seconds of one call) / (seconds from one answer to the next): more than the calls that are under way
///                where calls that began together are answered together, for then the upstream has hardly been busy
class load_meter {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using duration = std::chrono::steady_clock::duration;

  /// What a slice of time showed.
  struct slice {
    /// Its calls are the peak.
    rate_measure seen;
    bool is_steady;
    /// `bears`: so many calls at a time, if answers came at the pace of this slice.
    double bears;
  };

  explicit load_meter(std::size_t limit) : limit_(limit) {}

  // -- calls

  void begin(time_point now);

  /// @param began what `begin` was told
  void end(time_point began, time_point now, call_outcome how);

  /// A call is gone in a way that says nothing about the upstream.
  void lose() noexcept;

  // -- the limit

  /// From now on there is another limit. Calls that are under way say nothing about it.
  void change_limit(std::size_t limit, time_point now);

  /// As `change_limit`, but calls that are under way count: there are only more from now on.
  void raise_limit(std::size_t limit, time_point now);

  /// The limit is lower than it was by calls that there was no demand for. The slice goes on.
  void cut_unused(std::size_t limit) noexcept { limit_ = limit; }

  // -- what it shows

  bool shows_overload() const noexcept {
    return slice_.overloaded >= 2 && slice_.overloaded * 8 > std::max(limit_, least_in_slice);
  }

  /// Whether the slice is over.
  /// @param is_first whether nothing is known yet: a single round is better than nothing
  bool is_over(bool is_first, time_point now) const;

  /// Closes the slice, and begins the next one.
  slice close(time_point now);

private:
  struct counts {
    time_point begin;
    std::size_t ok = 0;
    std::size_t failed = 0;
    std::size_t overloaded = 0;
    std::size_t peak = 0;
    time_point first_end;
    time_point last_end;
    /// Seconds under way, summed over the calls.
    double call_seconds = 0;

    std::size_t ended() const noexcept { return ok + failed + overloaded; }
  };

  static double bears(const counts& closed);
  void pass(time_point now);
  void begin_slice(time_point now);

  std::size_t limit_;
  std::size_t in_flight_ = 0;
  time_point last_;
  time_point changed_at_;
  /// So many calls have to end before those that began under another limit are gone.
  std::size_t unsettled_ = 0;
  counts slice_;
};

} // namespace dispatch::policy
