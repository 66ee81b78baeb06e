#pragma once

#include <chrono>
#include <cstddef>

namespace dispatch::policy {

/// How many calls one upstream gets at a time: the number that gives the most batches per second, found by trying.
/// It holds one number, lets more or fewer calls in for a while now and then, and takes the other number where its rate
/// is better by more than chance. Of numbers that are as good as each other it prefers the smaller (ADR 0009).
///
/// Only stretches of time count in which the number of calls under way was steady: without demand nothing is learnt.
/// Every call costs a few operations and no memory. Not for more than one thread.
class concurrency_limit {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using duration = std::chrono::steady_clock::duration;

  /// Equal `least` and `most` make a limit that never changes.
  struct options {
    /// The limit at first, within the other two. Two calls at a time cost an upstream that serves one at a time little,
    /// and are doubled as fast as they come back where that helps.
    std::size_t initial = 2;
    /// The limit is never lower; at least 1.
    std::size_t least = 1;
    /// The limit is never higher. 64 calls of a batch each give 12,800 batches a second at 5 ms latency, more than one
    /// connection carries; and each of them may hold a batch in memory.
    std::size_t most = 64;
  };

  /// How a call ended.
  enum class outcome {
    /// With a batch.
    ok,
    /// Without one, for a reason that says nothing about load.
    failed,
    /// The upstream had too much to do: `RESOURCE_EXHAUSTED`, or the deadline was over.
    overloaded,
  };

  explicit concurrency_limit(options opts);

  /// How many calls may be under way now.
  std::size_t limit() const noexcept { return trying_ ? target_ : held_; }

  /// The limit without what is only being tried. Changes seldom: this is the one to log.
  std::size_t held() const noexcept { return held_; }

  /// Batches per second at `held`, or at the steady lower number of calls that there was demand for; 0 while unknown.
  double rate() const noexcept { return base_.rate(); }

  /// A call begins. Say so as soon as there is work and fewer than `limit` calls are under way: fewer calls than the
  /// limit are taken for a lack of work.
  void started(time_point now);

  /// A call has ended.
  /// @param started_at what `started` was told
  void completed(time_point started_at, time_point now, outcome how);

  /// A call is gone in a way that says nothing about the upstream.
  void abandoned() noexcept;

private:
  /// A stretch of time in which calls end.
  struct slice {
    time_point begin;
    std::size_t ok = 0;
    std::size_t failed = 0;
    std::size_t overloaded = 0;
    /// The most calls under way, at most the limit.
    std::size_t peak = 0;
    /// Seconds under way, summed over the calls.
    double call_seconds = 0;

    std::size_t ended() const noexcept { return ok + failed + overloaded; }
  };

  /// What is known about the rate at so many calls.
  struct measure {
    std::size_t calls = 0;
    double batches = 0;
    double seconds = 0;

    double rate() const noexcept { return seconds > 0 ? batches / seconds : 0; }
  };

  /// Where to go from the number held. Neighbours in this order are each other's opposite.
  enum class step : unsigned { twice, half, more, less };

  enum class verdict { better, not_better, unclear };

  // Measuring.
  void pass(time_point now);
  void begin_slice(time_point now);
  bool slice_is_over(time_point now) const;
  bool overload_shows() const;
  void close_slice(time_point now);
  void learn_noise(const measure& seen);
  double enough(std::size_t calls) const;
  void refine(measure& known, const measure& seen) const;

  // While a number is held.
  void held_slice(const measure& seen, time_point now);
  bool surprises(const measure& seen) const;
  void upstream_changed(const measure& seen);
  void explore(time_point now);
  bool try_remaining(time_point now);
  bool try_step(step which, time_point now);
  std::size_t target_of(step which) const;

  // While another one is tried.
  void tried_slice(const measure& seen, time_point now);
  verdict compare() const;
  void accept(time_point now);
  void reject(time_point now);
  void suspend(time_point now);
  void give_up(time_point now);
  void step_down(time_point now);
  void no_longer_rises() noexcept;
  void limit_changed(time_point now);

  options options_;
  std::size_t held_;
  std::size_t in_flight_ = 0;
  time_point last_;
  time_point changed_at_;
  /// So many calls have to end before those that began under another limit are gone.
  std::size_t unsettled_ = 0;
  slice slice_;

  measure base_;
  measure previous_;
  /// How much the time for a batch varies: its variance, as a share of its mean squared.
  double noise_;
  int surprises_ = 0;
  /// The upstream has become slower, and where to go from here is not known yet.
  bool fell_ = false;

  /// Every rise so far was good.
  bool only_rose_ = true;
  /// And the last one brought nearly all that it could: the next is a long one.
  bool soaring_ = false;
  bool trying_ = false;
  /// The trial waits for a better measure of what it is compared with.
  bool suspended_ = false;
  /// In the first slice after a rise.
  bool early_ = false;
  /// The last trial of more calls did not get them.
  bool demand_lacked_ = false;
  step step_ = step::twice;
  std::size_t target_ = 0;
  measure trial_;
  int trial_slices_ = 0;

  /// Steps whose outcome is known, a bit for each.
  unsigned known_ = 0;
  unsigned next_ = 0;
  int quiet_slices_ = 0;
  int slices_to_wait_ = 0;
  time_point quiet_until_;
  duration pause_;
};

} // namespace dispatch::policy
