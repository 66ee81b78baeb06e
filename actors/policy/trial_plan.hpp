#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>

#include "actors/policy/rate_measure.hpp"

namespace dispatch::policy {

/// Which number of calls is tried next, from the one that is held, and when:
///
///     rise = 2 * calls. As long as each rise brought nearly all that it could: max(4 * calls, bears)
///     fall = calls / 2, or calls / 4 after the upstream has become slower
///
/// A direction that is not known is tried at once, and up before down. One that is known is tried again in turn, after
/// some slices of time (`load_meter`) and a pause:
///
///     slices = 16 after a success; min(16 * slices of the trial, 128) after a failure
///     pause  = 50 ms after a success and after a change of the upstream; twice as long for each wait, up to 1 s
///
/// A trial costs at most half the rate, for a slice. So trials cost some 5% where the upstream is so slow that the
/// pause does not count, and below 1% elsewhere. The slices are bounded because an upstream can change by less than
/// shows in the rate of the number held.
class trial_plan {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using duration = std::chrono::steady_clock::duration;

  /// A trial of `target` calls.
  struct move {
    bool is_rise;
    std::size_t target;
  };

  /// No trial is of less than `least` or more than `most` calls.
  trial_plan(std::size_t least, std::size_t most);

  // -- what is next

  /// The direction that is not known.
  /// @param calls as many as there was demand for at the number held; 0 while nothing is known of that
  /// @param held the number held
  std::optional<move> unknown(std::size_t calls, std::size_t held) const;

  /// What is to be tried now, known or not.
  std::optional<move> next(std::size_t calls, std::size_t held, time_point now);

  /// Whether the upstream has become slower, and where to go from here is not known yet.
  bool has_fallen() const noexcept { return phase_ == phase::fallen; }

  // -- what happens

  /// One more slice has passed with the number held.
  void pass_slice() noexcept { ++passed_; }

  /// A trial has led to a better number, which is held from now on.
  /// @param bears how many calls the upstream seems to bear now (`load_meter`)
  void accept(bool is_rise, const rate_measure& from, const rate_measure& to, double bears, time_point now);

  /// A trial has not led to a better number.
  /// @param slices how many it took
  void reject(bool is_rise, int slices, time_point now) noexcept;

  /// A rise was tried, and there was no demand for it.
  void note_demand(bool is_lacking) noexcept { lacks_demand_ = is_lacking; }

  /// More calls are too many for the upstream.
  void reject_rises() noexcept;

  /// The upstream has changed: nothing is known any more.
  void forget(bool is_slower) noexcept;

private:
  enum class phase {
    /// Every trial so far was a rise, and good.
    rising,
    /// And the last one brought nearly all that it could, or there was none yet.
    soaring,
    /// There was a trial that was not good.
    settled,
    /// The upstream has become slower: the way down may be long, and each step on it slow.
    fallen,
  };

  std::optional<move> to(bool is_rise, std::size_t calls, std::size_t held) const;
  std::size_t risen(std::size_t calls) const;
  bool knows(bool is_rise) const noexcept { return is_rise ? knows_rise_ : knows_fall_; }
  bool is_climbing() const noexcept { return phase_ == phase::rising || phase_ == phase::soaring; }
  void wait(int slices, time_point now) noexcept;

  std::size_t least_;
  std::size_t most_;
  phase phase_ = phase::soaring;
  double bears_ = 0;
  bool knows_rise_ = false;
  bool knows_fall_ = false;
  bool lacks_demand_ = false;
  bool next_is_rise_ = true;
  /// Slices since the last trial.
  int passed_ = 0;
  int slices_ = 0;
  time_point until_{};
  duration pause_;
};

} // namespace dispatch::policy
