#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>

namespace dispatch::policy {

/// How batches come from a dataset service.
enum class fetch_mode {
  /// What is faster, as measured.
  automatic,
  /// By a call for each batch.
  get,
  /// By one call for a whole pass where that can be.
  stream,
};

/// Decides whether a pass is fed by one stream or by a call for each batch, from what either brought while it was
/// waited for.
///
/// A stream costs an upstream less for each batch, and one call at a time is best for an upstream that is one
/// interpreter. But it brings batches one after another: an upstream with latency answers many calls in the time of one
/// batch of a stream. So a pass begins with the stream, which can only begin at the first batch; and calls are tried
/// after a few of its batches, one at a time at first. They go on, twice as many each time, as long as twice as many
/// bring clearly more: an upstream that is one interpreter shows after half a dozen batches that they do not. What was
/// found is doubted after some seconds, and after twice as long each time that it is found again.
class feed_choice {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using duration = std::chrono::steady_clock::duration;

  struct options {
    fetch_mode mode = fetch_mode::automatic;
    /// How long a decision is good. The first comes from few batches.
    duration decision_lasts = std::chrono::seconds{10};
    /// How long one is good at most that was confirmed again and again.
    duration decision_lasts_at_most = std::chrono::minutes{10};
  };

  explicit feed_choice(options opts) : options_(opts), decision_lasts_(opts.decision_lasts) {}

  /// Whether a pass that begins now may use a stream.
  bool begin_stream(time_point now);

  /// Whether what is wanted now is to come by the stream.
  bool prefers_stream() const noexcept { return state_ == state::streaming; }

  /// Whether calls are known to be better than a stream.
  bool prefers_calls() const noexcept { return state_ == state::calling; }

  /// How many calls at a time a trial wants now.
  std::size_t calls_at_a_time() const noexcept { return calls_at_a_time_; }

  /// A stream brought a batch that had been waited for since the one before, or since `waited_since`.
  void stream_brought(time_point waited_since, time_point now);

  /// A call brought a batch that it was tried with.
  void call_brought(time_point now);

  /// A stream could not be had, or the upstream has none: calls are all there is for now.
  void no_streams(time_point now);

  /// Batches a second that were waited for, as last measured; 0: not yet.
  double stream_rate() const noexcept { return stream_rate_; }
  double call_rate() const noexcept { return call_rate_; }

private:
  enum class state {
    /// The stream is best, as far as is known.
    streaming,
    /// Calls are tried while the stream rests.
    trying_calls,
    /// Calls are best.
    calling,
  };

  bool is_old(time_point now) const { return now - *decided_at_ >= decision_lasts_; }
  bool is_trial_due(time_point now) const;
  void take_stream_rate();
  void begin_trial(time_point now);
  void begin_stage(std::size_t calls, time_point now);
  void end_stage(time_point now);
  void decide(state decision, time_point now);

  options options_;
  state state_ = state::streaming;
  double stream_rate_ = 0;
  /// How long the last batches of a stream were waited for.
  std::deque<duration> recent_;
  /// When the decision in force was made; nothing where there is none.
  std::optional<time_point> decided_at_;
  std::optional<state> last_decision_;
  duration decision_lasts_;
  /// A stage of a trial: so many calls at a time, since when, and how many batches they brought.
  std::size_t calls_at_a_time_ = 1;
  time_point stage_began_{};
  std::size_t called_ = 0;
  /// What half as many calls brought; 0 in the first stage.
  double rate_before_ = 0;
  double call_rate_ = 0;
};

} // namespace dispatch::policy
