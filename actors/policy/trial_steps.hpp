#pragma once

#include <cstddef>
#include <optional>

#include "actors/policy/rate_measure.hpp"

namespace dispatch::policy {

/// Which number of calls is tried next, from the one that is held: twice and half as many, and √2 times more and fewer.
/// Where each step leads is known after a trial, until the number held is another one or the upstream has changed.
/// Steps that are not known are tried at once; those that are, in turn and after a wait.
class trial_steps {
public:
  /// Neighbours in this order are each other's opposite.
  enum class step : unsigned { twice, half, more, less };

  /// A step, and the number of calls that it leads to.
  struct move {
    step which;
    std::size_t target;
  };

  /// No step leads below `least` or above `most`.
  trial_steps(std::size_t least, std::size_t most) : least_(least), most_(most) {}

  // -- what is next

  /// The next step that is not known; nothing where all are, or lead nowhere.
  /// @param calls as many as there was demand for at the number held; 0 while nothing is known of that
  /// @param held the number held
  std::optional<move> unknown(std::size_t calls, std::size_t held) const;

  /// The next step in turn, known or not.
  std::optional<move> in_turn(std::size_t calls, std::size_t held);

  /// This one, if it leads anywhere.
  std::optional<move> to(step which, std::size_t calls, std::size_t held) const;

  // -- what is known

  /// A step has led to a better number, which is held from now on.
  /// @param bears how many calls the upstream seems to bear now (`load_meter`)
  void accept(step which, const rate_measure& from, const rate_measure& to, double bears);

  /// A step has not led to a better number.
  void reject(step which) noexcept;

  /// More calls are too many for the upstream.
  void reject_rises() noexcept;

  /// The upstream has changed: nothing is known any more.
  void forget_all(bool is_slower) noexcept;

  /// Where the upstream has become slower, that is no reason any more to look for fewer calls first.
  void forget_fall() noexcept;

  /// Whether the upstream has become slower, and where to go from here is not known yet.
  bool has_fallen() const noexcept { return phase_ == phase::fallen; }

private:
  enum class phase {
    /// Every trial so far was a rise, and good.
    rising,
    /// And the last one brought nearly all that it could: the next rise is a long one, four times or to what the
    /// upstream seems to bear. So is the first one.
    soaring,
    /// There was a trial that was not good.
    settled,
    /// The upstream has become slower: the way down may be long, and each step on it slow.
    fallen,
  };

  void end_rise() noexcept;
  std::size_t target_of(step which, std::size_t calls, std::size_t held) const;
  std::size_t unclamped_target(step which, std::size_t calls) const;

  std::size_t least_;
  std::size_t most_;
  phase phase_ = phase::soaring;
  double bears_ = 0;
  /// A bit for each step.
  unsigned known_ = 0;
  unsigned turn_ = 0;
};

} // namespace dispatch::policy
