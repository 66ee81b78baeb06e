#include "actors/metrics.hpp"

#include <caf/telemetry/metric_registry.hpp>

#include <algorithm>
#include <initializer_list>
#include <limits>

namespace dispatch {

namespace {

using caf::telemetry::dbl_counter;
using caf::telemetry::dbl_gauge;
using caf::telemetry::dbl_histogram;
using caf::telemetry::int_counter;
using caf::telemetry::int_gauge;
using caf::telemetry::label_view;
using caf::telemetry::metric_registry;

constexpr const char* prefix = "dispatcher";

constexpr std::array<std::string_view, 6> outcome_names{"lost", "complete", "error", "drained", "stalled", "left"};

constexpr std::array<const char*, 6> client_states{"starting", "waiting",   "sending",
                                                   "stalled",  "finishing", "no_answer"};

caf::string_view view(std::string_view text) {
  return {text.data(), text.size()};
}

int_counter* make_counter(metric_registry& registry, const char* name, const char* help, const char* unit = "1") {
  return registry.counter_singleton(prefix, name, help, unit, true);
}

int_counter* make_counter(metric_registry& registry, const char* name, std::initializer_list<label_view> labels,
                          const char* help) {
  return registry.counter_instance(prefix, name, labels, help, "1", true);
}

template <class Value = std::int64_t>
auto* make_gauge(metric_registry& registry, const char* name, const char* help, const char* unit = "1") {
  return registry.gauge_singleton<Value>(prefix, name, help, unit);
}

template <class Value = std::int64_t>
auto* make_gauge(metric_registry& registry, const char* name, std::initializer_list<label_view> labels,
                 const char* help, const char* unit = "1") {
  return registry.gauge_instance<Value>(prefix, name, labels, help, unit);
}

/// From a batch that lies in a cache to one that is waited for while an upstream is restarted.
const std::vector<double>& latency_bounds() {
  static const std::vector<double> bounds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                          0.25,   0.5,   1,      2.5,   5,    10,    30,   60};
  return bounds;
}

dbl_counter* waiting_counter(metric_registry& registry, const char* on) {
  return registry.counter_instance<double>(prefix, "client_waiting", {{"on", on}},
                                           "What all consumers have waited for.", "seconds", true);
}

code_counters error_frame_counters(metric_registry& registry) {
  return code_counters{[&](status_code code) {
    return make_counter(registry, "error_frames", {{"code", to_string(code)}}, "Passes that an error frame ended.");
  }};
}

} // namespace

// -- what happens -----------------------------------------------------------------------------------------------------

std::string_view name_of(pass_outcome how) noexcept {
  return outcome_names[static_cast<std::size_t>(how)];
}

client_metrics::client_metrics(metric_registry& registry)
  : sent_batches(make_counter(registry, "sent_batches", "Batches that have left for the kernel.")),
    sent_bytes(make_counter(registry, "sent", "Bytes that have left for the kernel.", "bytes")),
    first_frame(registry.histogram_singleton<double>(prefix, "first_frame", latency_bounds(),
                                                     "From a connection until its first frame has left.", "seconds")),
    waited_for_upstream(waiting_counter(registry, "upstream")),
    waited_for_encoding(waiting_counter(registry, "encoding")),
    waited_for_socket(waiting_counter(registry, "socket")),
    held_up(make_gauge(registry, "clients_held_up", "Clients that have waited for the dataset service for a second.")),
    error_frames(error_frame_counters(registry)) {
  for (std::size_t i = 0; i < streams.size(); ++i) {
    const label_view outcome{"outcome", view(outcome_names[i])};
    streams[i] = make_counter(registry, "streams", {outcome}, "Passes that have ended.");
    sessions[i] = make_counter(registry, "sessions_ended", {outcome}, "Sessions that have ended.");
  }
}

order_metrics::order_metrics(metric_registry& registry)
  : sessions(make_gauge(registry, "sessions", "Sessions that have begun and have not ended.")),
    orders(make_gauge(registry, "orders", "Orders whose batches are put together for sessions.")),
    exceeding_cache(
      make_gauge(registry, "orders_exceeding_cache", "Shuffled orders of datasets that the batch cache cannot hold.")),
    assembled(make_counter(registry, "assembled_batches", "Batches that were put together from rows.")),
    shared(make_counter(registry, "assembled_shared", "Batches that another session of the same order got as well.")) {}

listener_metrics::listener_metrics(metric_registry& registry)
  : accepted(make_counter(registry, "clients_accepted", "Connections, refused ones included.")),
    refused(make_counter(registry, "clients_refused", "Connections that got no pass.")),
    drains(make_counter(registry, "drains", "How often the dispatcher was told to let its clients finish and stop.")) {}

cache_metrics::cache_metrics(metric_registry& registry)
  : hits(make_counter(registry, "cache_hits", "Batches that were there.")),
    joins(make_counter(registry, "cache_joins", "Batches that were being fetched for another client.")),
    misses(make_counter(registry, "cache_misses", "Batches that had to be fetched.")),
    streamed(make_counter(registry, "cache_streamed", "Batches that came by upstream streams, wanted or not.")),
    evictions(make_counter(registry, "cache_evictions", "Batches that made room for others.")),
    evicted_bytes(make_counter(registry, "cache_evicted", "Bytes of batches that made room for others.", "bytes")) {}

upstream_metrics::upstream_metrics(metric_registry& registry, std::string_view name)
  : calls(make_counter(registry, "upstream_calls", {{"upstream", view(name)}}, "Calls that were made.")),
    failures([&](status_code code) {
      return make_counter(registry, "upstream_failures", {{"upstream", view(name)}, {"code", to_string(code)}},
                          "Calls that failed for the upstream's reason.");
    }),
    fetch(registry
            .histogram_family<double>(prefix, "fetch", {"upstream"}, latency_bounds(),
                                      "One call for a batch, until it has come whole.", "seconds")
            ->get_or_add({{"upstream", view(name)}})),
    restarts(
      make_counter(registry, "fetcher_restarts", {{"upstream", view(name)}}, "How often fetchers were started again.")),
    outages(make_counter(registry, "upstream_outages", {{"upstream", view(name)}},
                         "How often it was lost, or was not there at first.")),
    outage_time(registry.counter_instance<double>(prefix, "upstream_outage", {{"upstream", view(name)}},
                                                  "How long it was away.", "seconds", true)) {}

code_counters make_retry_counters(metric_registry& registry) {
  return code_counters{[&](status_code code) {
    return make_counter(registry, "retries", {{"code", to_string(code)}}, "Calls that are made again.");
  }};
}

event_metrics::event_metrics(metric_registry& registry)
  : infos(make_counter(registry, "events", {{"level", "info"}}, "Lines of the event log.")),
    warnings(make_counter(registry, "events", {{"level", "warning"}}, "Lines of the event log.")),
    errors(make_counter(registry, "events", {{"level", "error"}}, "Lines of the event log.")) {}

void event_metrics::count(severity level) const noexcept {
  switch (level) {
  case severity::debug:
    break;
  case severity::info:
    infos->inc();
    break;
  case severity::warning:
    warnings->inc();
    break;
  case severity::error:
    errors->inc();
    break;
  }
}

// -- what is so -------------------------------------------------------------------------------------------------------

service_gauges::spread::spread(metric_registry& registry, const char* name, const char* help, const char* unit)
  : least(make_gauge<double>(registry, name, {{"stat", "min"}}, help, unit)),
    median(make_gauge<double>(registry, name, {{"stat", "median"}}, help, unit)),
    greatest(make_gauge<double>(registry, name, {{"stat", "max"}}, help, unit)) {
  publish({});
}

void service_gauges::spread::publish(std::vector<double> values) const {
  if (values.empty())
    values.push_back(std::numeric_limits<double>::quiet_NaN());
  std::sort(values.begin(), values.end());
  least->value(values.front());
  median->value(values[values.size() / 2]);
  greatest->value(values.back());
}

service_gauges::service_gauges(metric_registry& registry, std::string_view version)
  : registry_(registry),
    uptime_(make_gauge<double>(registry, "uptime", "Since the start.", "seconds")),
    ready_(make_gauge(registry, "ready", "Whether consumers can be served.")),
    draining_(make_gauge(registry, "draining", "Whether the dispatcher lets its clients finish, to stop.")),
    queue_length_(make_gauge(registry, "queue_length", "Wanted batches that no fetcher works on.")),
    cache_batches_(make_gauge(registry, "cache_frames", "Batches in the cache.")),
    cache_bytes_(make_gauge(registry, "cache", "What the batches in the cache take.", "bytes")),
    cache_capacity_(make_gauge(registry, "cache_capacity", "What they may take.", "bytes")),
    rates_(registry, "client_rate_batches_per_second", "What connected consumers take.", "1"),
    progress_(registry, "client_progress_ratio", "How far connected consumers are, from 0 to 1.", "1"),
    remaining_(registry, "client_remaining", "How long connected consumers need for the rest of their pass.",
               "seconds") {
  make_gauge(registry, "build_info", {{"version", view(version)}}, "Always 1.")->value(1);
  for (const auto* state : client_states)
    clients_by_state_[state] = make_gauge(registry, "clients", {{"state", state}}, "Connected consumers.");
  for (std::size_t i = 0; i < clients_by_bottleneck_.size(); ++i)
    clients_by_bottleneck_[i] =
      make_gauge(registry, "clients_by_bottleneck", {{"bottleneck", to_string(static_cast<bottleneck>(i))}},
                 "Connected consumers by what they have waited for most, lately.");
}

void service_gauges::publish(const service_report& report) {
  uptime_->value(std::chrono::duration<double>(report.uptime).count());
  draining_->value(report.draining ? 1 : 0);
  queue_length_->value(static_cast<std::int64_t>(report.queued));
  cache_batches_->value(static_cast<std::int64_t>(report.cache.batches));
  cache_bytes_->value(static_cast<std::int64_t>(report.cache.bytes));
  cache_capacity_->value(static_cast<std::int64_t>(report.cache.capacity_bytes));
  publish_clients(report.clients);
  publish_upstreams(report.upstreams);
}

void service_gauges::publish_ready(bool ready) {
  ready_->value(ready ? 1 : 0);
}

void service_gauges::publish_clients(const std::vector<client_report>& clients) {
  std::map<std::string, std::int64_t> states;
  std::array<std::int64_t, 4> bottlenecks{};
  std::vector<double> rates;
  std::vector<double> progress;
  std::vector<double> remaining;
  for (const auto& client : clients) {
    ++states[client.actor.state];
    ++bottlenecks.at(static_cast<std::size_t>(client.slowest));
    if (client.actor.state == "no_answer")
      continue;
    rates.push_back(client.batches_per_second);
    if (client.batches_total.value_or(0) > 0)
      progress.push_back(static_cast<double>(client.batch_index) / *client.batches_total);
    if (client.remaining)
      remaining.push_back(std::chrono::duration<double>(*client.remaining).count());
  }
  for (const auto& [state, published] : clients_by_state_)
    published->value(states[state]);
  for (std::size_t i = 0; i < bottlenecks.size(); ++i)
    clients_by_bottleneck_[i]->value(bottlenecks[i]);
  rates_.publish(std::move(rates));
  progress_.publish(std::move(progress));
  remaining_.publish(std::move(remaining));
}

void service_gauges::publish_upstreams(const std::vector<upstream_report>& upstreams) {
  struct sum {
    bool is_any_up = false;
    std::int64_t calls_in_flight = 0;
    std::int64_t call_limit = 0;
  };
  std::map<std::string, sum> by_name;
  for (const auto& each : upstreams) {
    auto& of_name = by_name[each.name];
    of_name.is_any_up = of_name.is_any_up || each.up;
    of_name.calls_in_flight += each.calls_in_flight;
    of_name.call_limit += each.limit;
  }
  for (const auto& [name, of_name] : by_name) {
    const auto& gauges = gauges_of(name);
    gauges.up->value(of_name.is_any_up ? 1 : 0);
    gauges.calls_in_flight->value(of_name.calls_in_flight);
    gauges.call_limit->value(of_name.call_limit);
  }
}

service_gauges::upstream_gauges& service_gauges::gauges_of(const std::string& name) {
  const auto found = upstreams_.find(name);
  if (found != upstreams_.end())
    return found->second;
  const label_view label{"upstream", name};
  const upstream_gauges made{
    make_gauge(registry_, "upstream_up", {label}, "Whether any of its fetchers is."),
    make_gauge(registry_, "upstream_calls_in_flight", {label}, "Calls under way."),
    make_gauge(registry_, "upstream_call_limit", {label}, "How many calls it gets at a time."),
  };
  return upstreams_.emplace(name, made).first->second;
}

} // namespace dispatch
