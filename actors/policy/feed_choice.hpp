#pragma once

#include <chrono>
#include <cstdint>
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

/// Decides whether a pass is fed by one stream or by a call for each batch, from what either brought while somebody
/// waited for it.
///
/// A stream costs an upstream less for each batch, and one call at a time is best for an upstream that is one
/// interpreter. But it brings batches one after another: an upstream with latency answers many calls in the time of one
/// batch of a stream. So a pass begins with the stream, which can only begin at the first batch; and calls are tried as
/// soon as the stream looks slow, or has run for a while. A trial takes a few dozen batches. What it found is doubted
/// after some seconds, and after twice as long each time that it is found again.
class feed_choice {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using duration = std::chrono::steady_clock::duration;

  struct options {
    fetch_mode mode = fetch_mode::automatic;
    /// A stream whose batches are further apart than this is slow: calls are tried at once.
    duration slow_gap = std::chrono::microseconds{3500};
    /// Calls are tried once a stream has been waited for so long in all.
    duration trial_after = std::chrono::seconds{1};
    /// How long a decision is good. The first comes from few batches.
    duration decision_lasts = std::chrono::seconds{10};
    /// How long one is good at most that was confirmed again and again.
    duration decision_lasts_at_most = std::chrono::minutes{10};
    /// How many batches a trial takes at most.
    int trial_batches = 32;
  };

  explicit feed_choice(options opts) : options_(opts), decision_lasts_(opts.decision_lasts) {}

  /// Whether a pass that begins now may use a stream.
  bool may_open_stream(time_point now);

  /// Whether what is wanted now is to come by the stream.
  bool prefers_stream() const noexcept { return state_ == state::streaming; }

  /// Whether calls are known to be better than a stream.
  bool prefers_calls() const noexcept { return state_ == state::calling; }

  /// A stream brought a batch for which somebody had waited since the one before, or since `waited_since`.
  void stream_brought(time_point waited_since, time_point now);

  /// A call brought a batch.
  void call_brought(time_point now);

  /// A stream could not be had, or the upstream has none: calls are all there is for now.
  void no_streams(time_point now);

  /// Batches a second that somebody waited for, as last measured; 0: not yet.
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

  bool is_slow() const;
  bool is_old(time_point now) const { return now - *decided_at_ >= decision_lasts_; }
  bool is_trial_due(time_point now) const;
  void forget_measures();
  void take_stream_rate();
  void begin_trial(time_point now);
  void end_trial(time_point now);
  void decide(state decision, time_point now);

  options options_;
  state state_ = state::streaming;
  /// What streams brought, and how long that was waited for, since the rate was last taken.
  std::int64_t streamed_ = 0;
  duration stream_time_{};
  double stream_rate_ = 0;
  /// How long the last of them were waited for. What an upstream had sent while nobody read comes at once, and says
  /// nothing about what follows.
  std::deque<duration> recent_;
  /// When the decision in force was made; nothing where there is none.
  std::optional<time_point> decided_at_;
  std::optional<state> last_decision_;
  duration decision_lasts_;
  time_point trial_began_{};
  time_point trial_half_{};
  int called_ = 0;
  double call_rate_ = 0;
};

} // namespace dispatch::policy
