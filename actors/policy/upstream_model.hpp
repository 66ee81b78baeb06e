#pragma once

#include <chrono>
#include <cstddef>
#include <optional>

#include "actors/policy/concurrency_limit.hpp"

namespace dispatch::policy {

/// What is known of one upstream from the calls and streams that it was given, and what follows for the next ones:
///
///     usual   = how long a call takes: each call moves it by an eighth of the difference. At once what a call took
///               that was four times as fast; and what a straggler has taken so far, where that is longer
///     call    = max(usual, how long nothing has come while there were calls under way)
///     rate(n) = batches per second with n calls at a time. It is n / call while the upstream keeps up
///     limit   = the n where rate(n) is best (`concurrency_limit`)
///     calls   = limit - streams, 1 at least, where more than the limit are known to be too many; else limit
///
/// So `calls` at a time may be under way, besides stragglers (`straggler_rule`). `call` also says when a call is a
/// straggler, and which of several upstreams is asked for what (`upstream_stats`). Streams are compared with calls by
/// what both bring (`feed_choice`).
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
