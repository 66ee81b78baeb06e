#pragma once

#include <chrono>
#include <optional>

namespace dispatch::policy {

/// Tells from the times of its answers whether a connection may be lost, and for how long it has owed an answer. Serves
/// for a whole upstream as well.
class quiet_watch {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using duration = std::chrono::steady_clock::duration;

  /// A connection that has been quiet for this time may be lost, until it answers again.
  static constexpr std::chrono::seconds trusted_for{3};

  quiet_watch() = default;

  /// It has just answered.
  explicit quiet_watch(time_point now) : answered_at_(now) {}

  /// Something is asked.
  void asked(time_point now) {
    if (!asked_at_)
      asked_at_ = now;
  }

  /// Something was answered.
  /// @param all nothing else is asked any more; otherwise the next answer is waited for from now on
  void answered(time_point now, bool all) {
    answered_at_ = now;
    asked_at_ = all ? std::nullopt : std::optional{now};
  }

  /// Nothing is asked any more, whether it was answered or not.
  void owes_nothing() noexcept { asked_at_.reset(); }

  bool is_quiet(time_point now) const noexcept { return now - answered_at_ >= trusted_for; }

  /// Zero where it owes nothing.
  duration owes_for(time_point now) const noexcept { return asked_at_ ? now - *asked_at_ : duration::zero(); }

private:
  time_point answered_at_{};
  std::optional<time_point> asked_at_;
};

} // namespace dispatch::policy
