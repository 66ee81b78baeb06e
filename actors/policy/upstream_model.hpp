#pragma once

#include <chrono>
#include <cstddef>
#include <optional>

#include "actors/policy/concurrency_limit.hpp"

namespace dispatch::policy {

/// What is known of one upstream, learnt from the calls and streams that it was given. A call takes latency and work.
/// Calls wait for their latency together, and an upstream works on some of them at a time:
///
///     call    = how long a call takes
///     rate(n) = batches per second with n calls at a time
///     gain(n) = rate(n) / rate(1): n where a call is all latency, 1 where one batch is made at a time
///     limit   = the n where gain(n) is best, which is found by trying (`concurrency_limit`)
///     calls   = limit; less one for each stream where more than the limit are known to be too many, but 1 at least
///
/// So many `calls` may be under way, besides stragglers (`straggler_rule`). `call` follows the calls that end: by an
/// eighth of the difference, and at once where one was four times as fast or a straggler has taken longer. Where
/// nothing has come for longer than that although there are calls under way, `call` is that time.
///
/// `call` says when a call is a straggler, and which of several upstreams is asked for what (`upstream_stats`). Whether
/// a stream takes the place of calls follows from what both bring together (`feed_choice`).
class upstream_model {
public:
  using time_point = concurrency_limit::time_point;
  using duration = concurrency_limit::duration;

  /// One call, from its start to its end.
  struct call {
    time_point since;
    /// Whether it is for a batch, and so tells how long other calls take.
    bool is_typical = true;
    bool is_straggler = false;
  };

  explicit upstream_model(const concurrency_limit::options& opts);

  // -- calls

  /// A call begins.
  call start(time_point now, bool is_typical);

  /// A call has brought what was asked for; it has not ended yet.
  void answered(const call& by, time_point now);

  /// A call has ended.
  /// @param how nothing where that says nothing about how many calls the upstream can take
  void end(const call& ended, std::optional<call_outcome> how, time_point now);

  /// A call is gone with the fetcher that made it.
  void lose(const call& lost);

  /// A call is a straggler from now on.
  void note_straggler(call& going_on, time_point now);

  /// Whether one more call may begin.
  bool has_room() const noexcept;

  /// Whether all calls under way, one at least, are stragglers.
  bool is_unresponsive() const noexcept;

  std::size_t in_flight() const noexcept { return in_flight_; }

  /// Whether no call and no stream is under way.
  bool is_idle() const noexcept { return in_flight_ == 0 && streams_ == 0; }

  // -- streams

  void begin_stream() noexcept { ++streams_; }

  void end_stream() noexcept { --streams_; }

  std::size_t streams() const noexcept { return streams_; }

  /// Whether a stream leaves room for a call: only calls bring everything.
  bool has_room_for_stream() const noexcept { return !is_bounded_ || limit_.held() > streams_ + 1; }

  /// It has refused a call because it has too many.
  void note_overload() noexcept { is_bounded_ = true; }

  // -- what is known

  /// How long a call takes; nothing while none has ever told.
  std::optional<duration> usual() const noexcept { return usual_; }

  /// How long a call that begins now is expected to take (`call`).
  std::optional<duration> expected(time_point now) const noexcept;

  /// Whether that is so old that it takes a call to find out.
  bool is_stale(time_point now) const noexcept;

  /// How many calls may be under way now, besides stragglers.
  std::size_t calls() const noexcept;

  /// The limit without what is only being tried.
  std::size_t limit() const noexcept { return limit_.held(); }

  /// Batches per second at the limit; 0 while unknown.
  double rate() const noexcept { return limit_.rate(); }

private:
  void took(duration time) noexcept;

  concurrency_limit limit_;
  /// Whether more calls than the limit are known to be too many: the user said so, or the upstream did.
  bool is_bounded_;
  std::size_t streams_ = 0;
  std::size_t in_flight_ = 0;
  std::size_t stragglers_ = 0;
  std::optional<duration> usual_;
  /// Since when there has been a call under way at any time.
  time_point busy_since_{};
  time_point answered_at_{};
};

} // namespace dispatch::policy
