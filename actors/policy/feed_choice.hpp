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

/// Decides whether a pass is fed by one stream or by a call for each batch.
///
/// A stream costs an upstream less for each batch, but it brings them one after another: an upstream with latency
/// answers many calls in the time of one batch of a stream. So a pass begins with the stream, which can only begin at
/// the first batch, and the question is whether calls add anything to it. Some calls are made beside the stream:
///
///     calls  = 1 in the first trial, which shows how long one takes; 4 in all later ones
///     beside = batches per second, of calls and stream together, while these calls were under way
///     alone  = batches per second of the stream after that: of the median of its latest waits, 3 to 9
///     long   = a wait for the stream of max(3 / beside, 2 ms). Shared processors make one such wait, but not two
///
///     the stream goes on         if alone >= 5,000, which is as fast as consumers read, or if beside < 1.3 * alone
///     calls replace the stream   if beside >= 1.3 * alone after 9 waits, or after 3 waits of more than 0.5 ms each
///     calls replace the stream   at the second long wait in a row
///
/// So four calls show that an upstream is one interpreter, and four calls and two waits that it has latency. No four
/// calls are tried beside a stream that is fast. Where they took less than 2 ms, long waits have to come behind a
/// second trial as well.
///
/// A decision is doubted after a while: one for calls after 10 s, since that takes a pass that begins with the stream;
/// one for the stream after the time of 100 batches, since that takes four calls; and either after four times as long
/// each time that it is confirmed. One for the stream is doubted at once where beside >= 1.3 * alone since then, of 9
/// waits.
class feed_choice {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using duration = std::chrono::steady_clock::duration;

  struct options {
    fetch_mode mode = fetch_mode::automatic;
    /// How long a decision for calls is good.
    duration calls_last = std::chrono::seconds{10};
    /// How long one is good at most that was confirmed again and again.
    duration decision_lasts_at_most = std::chrono::minutes{10};
  };

  explicit feed_choice(options opts) : options_(opts) {}

  /// Whether a pass that begins now may use a stream.
  bool begin_stream(time_point now);

  /// Whether what is wanted is to come by calls only.
  bool prefers_calls() const noexcept { return prefers_calls_; }

  // -- calls beside the stream

  /// How many calls are to be made beside the stream now, all at once; 0: none.
  std::size_t calls_wanted(time_point now) const;

  /// So many were made.
  void calls_began(std::size_t count, time_point now);

  /// One of them has ended, and brought its batch or not.
  void call_ended(bool has_brought, time_point now);

  // -- the stream

  /// It brought a batch that had been waited for since the one before, or since `waited_since`.
  void stream_brought(time_point waited_since, time_point now);

  /// It has brought nothing since `waited_since`, although it is waited for.
  void stream_waited(time_point waited_since, time_point now);

  /// When a wait that began at `waited_since` is to be told of by `stream_waited`; nothing where no trial is to be
  /// decided.
  std::optional<time_point> longest_wait(time_point waited_since) const;

  /// It has ended. What was tried beside it says nothing.
  void stream_ended() noexcept { trial_.reset(); }

  /// A stream could not be had, or the upstream has none: calls are all there is for now.
  void no_streams(time_point now);

  // -- what was found

  /// Batches a second: of the stream alone, and with calls beside it. 0: not yet measured.
  double alone() const noexcept { return alone_; }
  double beside() const noexcept { return beside_; }

  /// Whether there is a decision that this was not asked about.
  bool has_decided() noexcept;

private:
  /// Calls beside the stream.
  struct trial {
    std::size_t calls;
    time_point began;
    std::size_t ended = 0;
    std::size_t brought = 0;
  };

  bool is_old(time_point now) const { return now - *decided_at_ >= decision_lasts_; }
  duration shortest_long_wait() const;
  bool is_fast() const;
  void end_trial(time_point now);
  void compare(time_point now);
  void decide(bool for_calls, time_point now);

  options options_;
  bool prefers_calls_ = false;
  std::optional<trial> trial_;
  /// How long one call took; nothing before the first trial.
  std::optional<duration> one_call_;
  /// Whether the trial that is to be compared was short.
  bool is_short_ = false;
  /// Whether a short trial was in favour of calls.
  bool awaits_confirmation_ = false;
  /// When the latest trial ended whose outcome is not compared yet.
  std::optional<time_point> to_compare_since_;
  double alone_ = 0;
  double beside_ = 0;
  /// How long the latest batches of the stream alone were waited for.
  std::deque<duration> waits_;
  /// Long waits in a row since the trial that is to be compared.
  int long_waits_ = 0;
  /// When the decision in force was made; nothing where there is none.
  std::optional<time_point> decided_at_;
  std::optional<bool> last_decision_;
  bool is_new_ = false;
  duration decision_lasts_{};
};

} // namespace dispatch::policy
