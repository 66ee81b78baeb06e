#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <variant>

#include "actors/policy/load_meter.hpp"
#include "actors/policy/rate_measure.hpp"
#include "actors/policy/trial_plan.hpp"

namespace dispatch::policy {

/// How many calls one upstream gets at a time: the number that gives the most batches per second, found by trying
/// (ADR 0009). One number is held. Now and then another one is tried for some slices of time, and takes its place where
/// its rate is better by more than chance. Of numbers that are as good as each other the smaller is held.
///
/// A trial compares the rates like a sequential test, after each slice that it lasts:
///
///     octaves   = log2(tried.calls / held.calls)
///     asked     = 0.05 where octaves > 0, else 0.02, or 0.1 after the upstream has become slower
///     excess    = ln(tried.rate / held.rate) - octaves * asked
///     deviation = sqrt(noise * (1 / tried.batches + 1 / held.batches))
///
///     better      if excess >  2   * deviation
///     not better  if excess < -1.5 * deviation
///     else, once tried.batches >= 0.95 * enough:
///     better      if excess > (octaves > 0 ? deviation : 0), and not better otherwise
///
/// So a doubling must earn 5% and halving may lose 2%: between the two nothing moves. `noise` and `enough` are learnt
/// while a number is held (`rate_noise`), slices are the `load_meter`'s, and `trial_plan` says which number is tried next
/// and when. Besides that:
///
///     change    = |ln(seen.rate / held.rate)| > max(0.25, 3 * deviation), in two slices in a row: all is tried anew
///     overload  = more than an eighth of the calls in a slice, two at least: the limit is halved
///
/// Only slices count in which the number of calls under way was steady: without demand nothing is learnt. Every call
/// costs a few operations and no memory. Not for more than one thread.
class concurrency_limit {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using duration = std::chrono::steady_clock::duration;
  using outcome = call_outcome;

  /// Equal `least` and `most` make a limit that never changes.
  struct options {
    /// The limit at first, within the other two. One call shows how long one takes; then there are more as fast as they
    /// come back, where that helps.
    std::size_t initial = 1;
    /// The limit is never lower; at least 1.
    std::size_t least = 1;
    /// The limit is never higher. 128 calls of a batch each give 25,600 batches a second at 5 ms latency, more than one
    /// connection carries; and each of them may hold a batch in memory.
    std::size_t most = 128;
  };

  explicit concurrency_limit(options opts);

  /// How many calls may be under way now.
  std::size_t limit() const noexcept;

  /// The limit without what is only being tried. Changes seldom: this is the one to log.
  std::size_t held() const noexcept { return held_; }

  /// Batches per second at `held`, or at the steady lower number of calls that there was demand for; 0 while unknown.
  double rate() const noexcept { return known_.rate(); }

  /// A call begins. Say so as soon as there is work and fewer than `limit` calls are under way: fewer calls than the
  /// limit are taken for a lack of work.
  void started(time_point now) { meter_.begin(now); }

  /// A call has ended.
  /// @param started_at what `started` was told
  void completed(time_point started_at, time_point now, outcome how);

  /// A call is gone in a way that says nothing about the upstream.
  void abandoned() noexcept { meter_.lose(); }

private:
  /// A trial of another number.
  struct trial {
    trial_plan::move step;
    /// What is known of the number that is tried.
    rate_measure seen{};
    int slices = 0;
    /// How many calls the upstream seems to bear.
    double bears = 0;
  };

  /// The limit is the number held.
  struct holding {};

  /// The limit is the number tried.
  struct trying {
    trial of;
    /// Whether this is the first slice of a rise: the upstream has begun calls that rounds to come get from it.
    bool is_rise_fresh;
  };

  /// The limit is the number held, until enough is known of it to go on with the trial.
  struct suspended {
    trial of;
  };

  enum class verdict { better, not_better, unclear };

  void on_slice(const load_meter::slice& closed, time_point now);

  // While a number is held.
  void on_held_slice(const rate_measure& seen, time_point now);
  bool is_surprise(const rate_measure& seen) const;
  void on_change(const rate_measure& seen);
  void resume_when_known(const trial& of, time_point now);
  void begin_trial(const std::optional<trial_plan::move>& step, time_point now);

  // While another one is tried.
  void on_tried_slice(trying& current, const load_meter::slice& closed, time_point now);
  verdict compare(const trying& current) const;
  void accept(const trial& done, time_point now);
  void reject(const trial& done, time_point now);

  void step_down(time_point now);
  /// Back to the number held.
  void hold(time_point now);

  std::size_t least_;
  std::size_t held_;
  /// What is known of the number held, or of the steady lower number of calls that there was demand for.
  rate_measure known_;
  /// Slices in a row that did not fit what is known.
  int surprises_ = 0;
  std::variant<holding, trying, suspended> state_;
  load_meter meter_;
  rate_noise noise_;
  trial_plan plan_;
};

} // namespace dispatch::policy
