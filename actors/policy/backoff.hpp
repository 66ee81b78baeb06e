#pragma once

#include <chrono>
#include <cstdint>

namespace dispatch::policy {

/// How long to wait before the next restart: full jitter, `random(0, min(cap, base * 2^n))`
/// (M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015). Whether to restart is not its business.
class backoff {
public:
  using milliseconds = std::chrono::milliseconds;

  struct options {
    milliseconds base{100};
    milliseconds cap{5000};
    /// After so long in health, failures before it do not count any more.
    milliseconds reset_after{10000};
    /// Nor do they after so many calls that ended well: a fetcher that works does not wait long to work again.
    std::uint64_t reset_after_calls = 100;
  };

  explicit backoff(options opts) : options_(opts) {}

  /// The delay after one more failure.
  /// @param healthy_for how long it was healthy before it failed
  /// @param calls how many calls ended well in that time
  /// @param uniform a random number in [0, 1)
  milliseconds next(milliseconds healthy_for, std::uint64_t calls, double uniform) noexcept;

  /// Failures in a row so far.
  int failures() const noexcept { return failures_; }

private:
  options options_;
  int failures_ = 0;
};

/// How long to wait before a connection that has ended in order, after it was there for `lived`, is made anew: not at
/// all, unless they end all the time.
constexpr std::chrono::milliseconds pause_before_renewal(std::chrono::milliseconds lived) noexcept {
  constexpr std::chrono::milliseconds apart{100};
  return lived < apart ? apart - lived : std::chrono::milliseconds::zero();
}

} // namespace dispatch::policy
