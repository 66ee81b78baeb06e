#pragma once

#include <chrono>
#include <cstddef>
#include <optional>

namespace dispatch::policy {

/// How long a call to one upstream takes now: as long as the last ones did, or as long as the upstream has brought
/// nothing while it had something to answer.
class call_estimate {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using duration = std::chrono::steady_clock::duration;

  /// A call begins.
  void started(time_point now) noexcept;

  /// A call brought something.
  void answered(time_point now) noexcept { answered_at_ = now; }

  /// A call brought a batch, and so long it took.
  void took(duration time) noexcept;

  /// A straggler has taken so long and goes on.
  void note_straggler(duration so_far) noexcept;

  /// A call has ended in whatever way.
  void ended() noexcept { --in_flight_; }

  std::size_t in_flight() const noexcept { return in_flight_; }

  /// Nothing while no call has ever told.
  std::optional<duration> usual() const noexcept { return usual_; }

  /// As `usual`, but at least as long as the upstream has brought nothing with calls under way.
  std::optional<duration> expected(time_point now) const noexcept;

  /// Whether the estimate is so old that it takes a call to find out.
  bool is_stale(time_point now) const noexcept;

private:
  std::size_t in_flight_ = 0;
  std::optional<duration> usual_;
  /// Since when there has been a call under way at any time.
  time_point busy_since_{};
  time_point answered_at_{};
};

} // namespace dispatch::policy
