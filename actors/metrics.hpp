#pragma once

#include <caf/fwd.hpp>
#include <caf/telemetry/counter.hpp>
#include <caf/telemetry/gauge.hpp>
#include <caf/telemetry/histogram.hpp>

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "messages/event_log.hpp"
#include "messages/inspector.hpp"
#include "messages/reports.hpp"
#include "messages/status_code.hpp"

/// @file
/// The names of all metrics (docs/metrics.md). They live in CAF's registry, which outlives the actors that hold them.
/// Counting is an atomic addition; it takes no lock.

namespace dispatch {

/// What a counter has counted.
inline std::uint64_t count_of(const caf::telemetry::int_counter* counter) noexcept {
  return static_cast<std::uint64_t>(counter->value());
}

/// A counter for each way in which a call can fail.
class code_counters {
public:
  /// @param counter_of makes the counter of one code
  template <class CounterOf>
  explicit code_counters(CounterOf counter_of) {
    for (std::size_t number = 1; number < counters_.size(); ++number)
      counters_[number] = counter_of(static_cast<status_code>(number));
  }

  /// @param code not OK
  void count(status_code code) const noexcept { counters_[static_cast<std::size_t>(code)]->inc(); }

private:
  static constexpr std::size_t codes = static_cast<std::size_t>(status_code::unauthenticated) + 1;

  std::array<caf::telemetry::int_counter*, codes> counters_{};
};

/// How a pass ended.
enum class pass_outcome : std::uint8_t { lost, complete, error, drained, stalled, left };

/// As the log and the metrics say it.
std::string_view name_of(pass_outcome how) noexcept;

/// What all consumers get.
struct client_metrics {
  explicit client_metrics(caf::telemetry::metric_registry& registry);

  caf::telemetry::int_counter* sent_batches;
  caf::telemetry::int_counter* sent_bytes;
  /// Seconds from the connection until its first frame has left.
  caf::telemetry::dbl_histogram* first_frame;
  /// Seconds.
  caf::telemetry::dbl_counter* waited_for_upstream;
  caf::telemetry::dbl_counter* waited_for_encoding;
  caf::telemetry::dbl_counter* waited_for_socket;
  /// Consumers that have waited for the dataset service for a second or longer, and wait.
  caf::telemetry::int_gauge* held_up;
  code_counters error_frames;
  /// By `pass_outcome`.
  std::array<caf::telemetry::int_counter*, 6> streams;

  /// The same of sessions alone.
  std::array<caf::telemetry::int_counter*, 6> sessions;

  caf::telemetry::int_counter* ended(pass_outcome how) const { return streams.at(static_cast<std::size_t>(how)); }

  caf::telemetry::int_counter* session_ended(pass_outcome how) const {
    return sessions.at(static_cast<std::size_t>(how));
  }
};

using client_metrics_ptr = std::shared_ptr<const client_metrics>;

/// What sessions have in common.
struct order_metrics {
  explicit order_metrics(caf::telemetry::metric_registry& registry);

  /// Sessions that have begun and have not ended.
  caf::telemetry::int_gauge* sessions;
  /// Orders that are read through an assembler.
  caf::telemetry::int_gauge* orders;
  /// Those among them that are shuffled, and of a dataset that does not fit into the batch cache.
  caf::telemetry::int_gauge* exceeding_cache;
  /// Batches that were put together from rows.
  caf::telemetry::int_counter* assembled;
  /// Batches that were given to another session as they were.
  caf::telemetry::int_counter* shared;
};

/// Consumers that came.
struct listener_metrics {
  explicit listener_metrics(caf::telemetry::metric_registry& registry);

  caf::telemetry::int_counter* accepted;
  caf::telemetry::int_counter* refused;
  caf::telemetry::int_counter* drains;
};

/// What happened to batches in all caches so far.
struct cache_metrics {
  explicit cache_metrics(caf::telemetry::metric_registry& registry);

  /// Were there.
  caf::telemetry::int_counter* hits;
  /// Were being fetched for another consumer.
  caf::telemetry::int_counter* joins;
  /// Had to be fetched.
  caf::telemetry::int_counter* misses;
  /// Came by upstream streams, wanted or not.
  caf::telemetry::int_counter* streamed;
  caf::telemetry::int_counter* evictions;
  caf::telemetry::int_counter* evicted_bytes;
};

/// Calls to one upstream, or to all addresses of one name.
struct upstream_metrics {
  /// @param name what the upstream is configured as
  upstream_metrics(caf::telemetry::metric_registry& registry, std::string_view name);

  caf::telemetry::int_counter* calls;
  /// For its own reason.
  code_counters failures;
  /// Seconds that a call for a batch took, until it had come whole.
  caf::telemetry::dbl_histogram* fetch;
  caf::telemetry::int_counter* restarts;
  caf::telemetry::int_counter* outages;
  /// Seconds.
  caf::telemetry::dbl_counter* outage_time;
};

/// Calls that are made again, whatever the upstream.
code_counters make_retry_counters(caf::telemetry::metric_registry& registry);

/// Lines of the event log.
struct event_metrics {
  explicit event_metrics(caf::telemetry::metric_registry& registry);

  void count(severity level) const noexcept;

  caf::telemetry::int_counter* infos;
  caf::telemetry::int_counter* warnings;
  caf::telemetry::int_counter* errors;
};

/// What is so now, as opposed to what has happened: set from a report when it is read.
class service_gauges {
public:
  service_gauges(caf::telemetry::metric_registry& registry, std::string_view version);

  void publish(const service_report& report);

  /// @param ready whether consumers can be served
  void publish_ready(bool ready);

private:
  struct upstream_gauges {
    caf::telemetry::int_gauge* up;
    caf::telemetry::int_gauge* calls_in_flight;
    caf::telemetry::int_gauge* call_limit;
  };

  /// The least, the middle and the greatest of what consumers have.
  struct spread {
    spread(caf::telemetry::metric_registry& registry, const char* name, const char* help, const char* unit);

    /// Not a number where there are no values.
    void publish(std::vector<double> values) const;

    caf::telemetry::dbl_gauge* least;
    caf::telemetry::dbl_gauge* median;
    caf::telemetry::dbl_gauge* greatest;
  };

  void publish_clients(const std::vector<client_report>& clients);
  void publish_upstreams(const std::vector<upstream_report>& upstreams);
  upstream_gauges& gauges_of(const std::string& name);

  caf::telemetry::metric_registry& registry_;
  caf::telemetry::dbl_gauge* uptime_;
  caf::telemetry::int_gauge* ready_;
  caf::telemetry::int_gauge* draining_;
  caf::telemetry::int_gauge* queue_length_;
  caf::telemetry::int_gauge* cache_batches_;
  caf::telemetry::int_gauge* cache_bytes_;
  caf::telemetry::int_gauge* cache_capacity_;
  std::map<std::string, caf::telemetry::int_gauge*> clients_by_state_;
  std::array<caf::telemetry::int_gauge*, 4> clients_by_bottleneck_;
  spread rates_;
  spread progress_;
  spread remaining_;
  std::map<std::string, upstream_gauges> upstreams_;
};

} // namespace dispatch
