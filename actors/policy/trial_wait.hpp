#pragma once

#include <algorithm>
#include <chrono>

namespace dispatch::policy {

/// How long the number of calls that is held is left alone before another one is tried that was tried before: for some
/// slices, and for a pause.
///
///     slices = 16 after a success; min(16 * slices of the trial, 128) after a failure
///     pause  = 50 ms after a success and after a change of the upstream; twice as long for each wait, up to 1 s
///
/// Trials cost at most half the rate, for a slice. The slices keep the cost at some 5% for an upstream that is so slow
/// that the pause does not count, and below 1% for others. The slices are bounded, because an upstream can
/// change by less than a surprise (`concurrency_limit`), and only another trial finds that.
class trial_wait {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using duration = std::chrono::steady_clock::duration;

  /// One more slice has passed.
  void pass_slice() noexcept { ++passed_; }

  /// Slices that have passed since the last trial.
  int passed() const noexcept { return passed_; }

  bool is_over(time_point now) const noexcept { return passed_ >= slices_ && now >= until_; }

  void begin_after_success(time_point now) noexcept {
    shorten();
    begin(slices_for_each_tried, now);
  }

  /// @param slices how many the trial took
  void begin_after_failure(int slices, time_point now) noexcept {
    begin(std::min(slices_for_each_tried * slices, most_slices), now);
  }

  /// The slices count anew.
  void begin_anew() noexcept { passed_ = 0; }

  /// Later pauses are as short as at first.
  void shorten() noexcept { pause_ = first_pause; }

  /// Later pauses are longer.
  void lengthen() noexcept { pause_ = std::min(2 * pause_, longest_pause); }

private:
  static constexpr int slices_for_each_tried = 16;
  static constexpr int most_slices = 128;
  static constexpr duration first_pause = std::chrono::milliseconds{50};
  static constexpr duration longest_pause = std::chrono::seconds{1};

  void begin(int slices, time_point now) noexcept {
    passed_ = 0;
    slices_ = slices;
    until_ = now + pause_;
  }

  int passed_ = 0;
  int slices_ = 0;
  time_point until_;
  duration pause_ = first_pause;
};

} // namespace dispatch::policy
