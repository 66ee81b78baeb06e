#pragma once

#include <caf/timestamp.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "actors/batch_counter.hpp"
#include "actors/metrics.hpp"
#include "actors/policy/latency_record.hpp"
#include "actors/policy/outage_list.hpp"
#include "actors/policy/quiet_watch.hpp"
#include "actors/policy/rate_meter.hpp"
#include "actors/policy/upstream_model.hpp"
#include "messages/batch_key.hpp"
#include "messages/event_log.hpp"
#include "messages/reports.hpp"
#include "messages/status_code.hpp"

namespace dispatch::pool {

/// The account of one upstream: what was asked of it, how it answers, and whether it is up. Writes what changes into
/// the log, and its outages into the list of all.
class upstream {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using duration = std::chrono::steady_clock::duration;

  /// @param name what it is configured as: the address, or the name that it is an address of
  /// @param outages outlives it
  /// @param now since when it is awaited
  upstream(std::string address, std::string name, caf::telemetry::metric_registry& metrics, event_log_ptr log,
           policy::outage_list& outages, time_point now);

  const std::string& address() const noexcept { return address_; }

  /// It is gone for good. Its last calls may go on.
  void retire(time_point now);

  bool is_retired() const noexcept { return is_retired_; }

  /// Whether nothing is asked of it any more.
  bool is_idle() const noexcept { return calls_open_ == 0 && answers_owed_ == 0; }

  // -- calls

  /// A call begins. One for a description may take long and says nothing about whether the upstream is there.
  void begin_call(bool is_for_batch, time_point now);

  /// A call has ended.
  void end_call(bool is_for_batch);

  /// A stream begins.
  void count_stream();

  /// A connection is asked for a sign of life. As a batch, it is owed an answer.
  void begin_probe(time_point now);

  void end_probe() { release_answer(); }

  /// A call has brought a batch after this time.
  void note_latency(duration latency);

  /// The counter of batches that it brings.
  const batch_counter& brought() const noexcept { return brought_; }

  // -- whether it is up

  bool is_up() const noexcept { return is_up_; }

  /// It has answered something, over a connection that is there.
  /// @param is_live whether it has a fetcher that is ready
  void note_answer(bool is_live, time_point now);

  /// It has no fetcher that is ready.
  void note_lost(time_point now);

  /// Finds out what has not happened: it is not up where it owes an answer for longer than `least` and than it usually
  /// takes, or where no first answer has come. Called each `tick_interval`.
  void on_tick(duration least, time_point now);

  // -- failures

  /// What it said last, for consumers that give up on it.
  void note_failure(const failure& what);

  /// A call to it has failed.
  void count_failure(const failure& what);

  /// As text; empty: none yet.
  const std::string& last_failure() const noexcept { return last_failure_; }

  /// What is wrong with it; empty where it is up.
  std::string trouble() const;

  /// A fetcher starts again after one that has failed.
  void count_restart();

  /// It had no GetBatch for this batch. It is no dataset service until it answers for that otherwise.
  void note_not_implemented(const batch_key& key) { not_implemented_ = key; }

  void note_implemented() { not_implemented_.reset(); }

  const std::optional<batch_key>& not_implemented() const noexcept { return not_implemented_; }

  // -- inspection

  /// Logs the limit where that has changed, at most every ten seconds.
  void log_limit(const policy::upstream_model& known, time_point now);

  /// Without its fetchers.
  upstream_report report(const policy::upstream_model& known, time_point now) const;

private:
  void begin_outage(const std::string& what, time_point began, time_point now);
  void end_outage(time_point now);
  void count_outage(time_point until);
  void check_responsive(duration least, time_point now);
  void check_first_answer(time_point now);
  void measure(time_point now);
  void owe_answer(time_point now);
  void release_answer();

  std::string address_;
  std::string name_;
  /// Of all addresses of its name.
  upstream_metrics metrics_;
  event_log_ptr log_;
  policy::outage_list* outages_;
  time_point awaited_since_;
  std::size_t calls_open_ = 0;
  std::uint64_t calls_ = 0;
  std::uint64_t restarts_ = 0;
  std::map<status_code, std::uint64_t> failures_;
  policy::latency_record latencies_;
  bool is_up_ = false;
  /// Whether it has answered ever.
  bool has_been_up_ = false;
  bool is_retired_ = false;
  std::uint64_t outages_so_far_ = 0;
  /// Until when the metrics have its outage; nothing while it has none.
  std::optional<time_point> outage_counted_until_;
  batch_counter brought_ = std::make_shared<batch_counter::element_type>(0);
  /// How many of those `rate_` has.
  std::uint64_t measured_ = 0;
  policy::rate_meter rate_;
  std::optional<time_point> last_batch_at_;
  /// When any of its connections brought answers.
  policy::quiet_watch watch_;
  /// Batches and probes that are asked of it.
  std::size_t answers_owed_ = 0;
  std::string last_failure_;
  caf::timestamp last_failure_at_{};
  std::optional<batch_key> not_implemented_;
  std::size_t logged_limit_ = 0;
  time_point logged_at_{};
};

} // namespace dispatch::pool
