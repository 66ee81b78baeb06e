#pragma once

#include <caf/timespan.hpp>
#include <caf/timestamp.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "actors/metrics.hpp"
#include "actors/policy/rate_meter.hpp"
#include "actors/policy/waiting_account.hpp"
#include "messages/reports.hpp"

namespace dispatch {

/// How far a consumer is.
struct consumer_stage {
  bool has_begun = false;
  /// Something waits for its socket.
  bool is_sending = false;
  /// Nothing more will be sent.
  bool has_ended = false;
  /// It gets nothing before it or another consumer acknowledges something.
  bool waits_for_acks = false;
};

/// What one consumer was given, how fast, and what it has waited for: for metrics and reports.
class client_account {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using duration = std::chrono::steady_clock::duration;

  /// The consumer has connected, and waits for its first batch.
  client_account(client_metrics_ptr metrics, time_point now);
  client_account(const client_account&) = delete;
  client_account& operator=(const client_account&) = delete;
  ~client_account() { set_held_up(false); }

  time_point connected_at() const noexcept { return connected_at_; }

  std::uint64_t batches() const noexcept { return batches_; }

  std::uint64_t bytes() const noexcept { return bytes_; }

  /// Batches, or a part of one, have left for the kernel.
  void sent(std::size_t batches, std::uint64_t bytes, time_point now);

  /// From now on it waits for whom a consumer at this stage waits.
  /// @param encoding how long it took to encode what has just come
  void waits_at(consumer_stage stage, time_point now, duration encoding = duration::zero());

  /// How long its socket has taken nothing although batches wait for it.
  duration stalled_for(time_point now) const noexcept { return waits_.stalled_for(now); }

  /// The state of a consumer, in one word of docs/status.md.
  std::string state_name(consumer_stage stage, time_point now) const;

  /// Whether it has waited for the dataset service for a second or longer, and waits.
  bool is_held_up(time_point now) const noexcept;

  /// How long it will take for so many batches, at its present rate; nothing where there is no telling.
  std::optional<caf::timespan> remaining(double batches, time_point now) const;

  /// Adds to the metrics what was waited since the last time, and whether it is held up.
  void publish_waiting(time_point now);

  /// Its pass ends with an error.
  void count_error(status_code code) const { metrics_->error_frames.count(code); }

  void count_end(pass_outcome how) const { metrics_->ended(how)->inc(); }

  /// It was that of a session.
  void count_session_end(pass_outcome how) const { metrics_->session_ended(how)->inc(); }

  /// Fills in amounts, rates and waits.
  void report(client_report& result, time_point now) const;

private:
  void set_held_up(bool is_so);

  client_metrics_ptr metrics_;
  time_point connected_at_;
  /// The same for people.
  caf::timestamp connected_on_ = caf::make_timestamp();
  policy::waiting_account waits_;
  /// What of it is in the metrics.
  policy::waiting_account::split<duration> waits_published_;
  /// As the metrics have it.
  bool is_held_up_ = false;
  policy::rate_meter batch_rate_;
  policy::rate_meter byte_rate_;
  std::uint64_t batches_ = 0;
  std::uint64_t bytes_ = 0;
};

} // namespace dispatch
