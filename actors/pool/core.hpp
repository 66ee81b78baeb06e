#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "actors/fetcher.hpp"
#include "actors/metrics.hpp"
#include "actors/policy/backoff.hpp"
#include "actors/policy/call_scheduler.hpp"
#include "actors/policy/concurrency_limit.hpp"
#include "actors/policy/outage_list.hpp"
#include "actors/pool/upstream.hpp"
#include "messages/batch_source.hpp"
#include "messages/event_log.hpp"
#include "messages/fetcher_pool.hpp"
#include "messages/name_resolver.hpp"
#include "messages/run_clock.hpp"

namespace dispatch {

/// A name whose addresses are upstreams.
struct upstream_name {
  /// As configured: `dns:host:port`.
  std::string text;
  std::string host;
  std::uint16_t port = 0;
};

struct pool_options {
  /// Addresses of upstreams as `host:port` or `unix:path`.
  std::vector<std::string> upstreams;
  /// Names whose addresses are upstreams too. There is one of either at least.
  std::vector<upstream_name> names;
  /// Looks the names up; null where there are none.
  name_resolver_actor resolver;
  /// Fetchers, and so connections, for each upstream.
  std::size_t fetchers_per_upstream = 2;
  /// Calls that each upstream gets at a time.
  policy::concurrency_limit::options limit;
  /// How often a batch may fail for the upstream's reason.
  int max_attempts = 5;
  fetcher_options fetcher;
  policy::backoff::options restart;
  /// Deadlines are kept in time that was run; null: all was.
  run_clock_ptr ran = nullptr;
  /// For jitter.
  std::uint64_t seed = 0;
};

} // namespace dispatch

namespace dispatch::pool {

/// How often deadlines are checked. They are seconds, so this is exact enough, and one timer serves them all.
inline constexpr std::chrono::milliseconds tick_interval{250};

/// How much longer than a call's own deadline a fetcher may take to report it before it counts as stuck.
inline constexpr std::chrono::milliseconds stuck_margin{2000};

/// What the parts of a fetcher pool work on together. Owned by the pool's state, which outlives the parts.
struct core {
  core(fetcher_pool_actor::pointer self_, pool_options options_, batch_source_factory sources_, event_log_ptr log_);

  /// Time that was run (`run_clock`).
  std::chrono::steady_clock::time_point now() const;

  /// How much time was not run so far.
  std::chrono::steady_clock::duration lost() const;

  /// There is one more upstream.
  /// @param name what it is configured as
  policy::upstream_id add_upstream(const std::string& address, const std::string& name);

  /// How many upstreams and names there are; not those that are retired.
  std::size_t count() const;

  /// Whether any upstream is up.
  bool any_up() const;

  /// What is wrong with all upstreams, in one line.
  std::string what_is_wrong() const;

  fetcher_pool_actor::pointer self;
  pool_options options;
  batch_source_factory sources;
  event_log_ptr log;
  policy::call_scheduler scheduler;
  /// By their ids. A retired one keeps its place until another one needs it.
  std::vector<upstream> upstreams;
  /// What is wrong with each name that has no address yet.
  std::map<std::string, std::string> unresolved;
  policy::outage_list outages;
  /// Calls that are tried again, by what has failed them.
  code_counters retries;
  /// How many consumers are held up.
  caf::telemetry::int_gauge* held_up;
};

} // namespace dispatch::pool
