#pragma once

#include <chrono>

#include "io/admin/status_json.hpp"
#include "messages/inspector.hpp"

namespace dispatch::test {

/// A service with one of everything, in numbers that can be told from each other.
inline service_report sample_report() {
  using namespace std::chrono_literals;
  service_report report;
  report.taken_at = caf::timestamp{100s};
  report.uptime = 100s;
  report.accepting = true;
  report.totals = {10, 20, 1.5, 2.5, 1, 2, 3};
  report.connected = 1;
  report.accepted = 5;
  report.refused = 1;
  const actor_report listener{20, 0, "listener", "", "serving", 0, 100s};
  const actor_report client{21, 20, "client", "client_127.0.0.1:5", "waiting", std::nullopt, 10s};
  report.actors = {listener, client};
  client_report row;
  row.actor = client;
  row.client_id = "client_127.0.0.1:5";
  row.peer = "127.0.0.1:5";
  row.connected_at = caf::timestamp{90s};
  row.dataset = "mnist";
  row.batch_size = 30;
  row.batch_index = 7;
  row.batches_total = 334;
  row.batches = 7;
  row.bytes = 700;
  row.batches_per_second = 0.5;
  row.bytes_per_second = 50;
  row.remaining = 654s;
  row.window = {8, 6, 2};
  row.waited = {7s, 1s, 500ms};
  row.waited_lately = {0.75, 0.125, 0.0625};
  row.slowest = bottleneck::upstream;
  report.clients = {row};
  fetcher_report up;
  up.actor = actor_report{31, 30, "fetcher", "gpu1:50051", "up", 0, 9s};
  up.state = "up";
  up.up_for = 9s;
  up.calls_in_flight = 2;
  up.calls = 100;
  fetcher_report paused;
  paused.state = "paused";
  paused.restarts = 1;
  paused.next_attempt_in = 1500ms;
  paused.last_failure = "UNAVAILABLE: gone";
  upstream_report upstream;
  upstream.address = "gpu1:50051";
  upstream.name = "gpu1:50051";
  upstream.up = true;
  upstream.calls = 100;
  upstream.calls_in_flight = 2;
  upstream.limit = 4;
  upstream.batches = 120;
  upstream.batches_per_second = 900;
  upstream.last_batch_ago = 250ms;
  upstream.latency_p50 = 1ms;
  upstream.latency_p99 = 20ms;
  upstream.failures = {{status_code::unavailable, 3}, {status_code::internal, 2}};
  upstream.last_failure = "UNAVAILABLE: gone";
  upstream.last_failure_at = caf::timestamp{99s};
  upstream.outages = 2;
  upstream.restarts = 1;
  upstream.fetchers = {up, paused};
  report.upstreams = {upstream};
  report.outages = {
    {"gpu1:50051", caf::timestamp{10s}, caf::timestamp{15s}, 5s, 3, 2, "UNAVAILABLE: gone"},
    {"gpu2:50051", caf::timestamp{70s}, std::nullopt, 30s, 9, 1, ""},
  };
  report.queued = 4;
  report.cache.up = true;
  report.cache.batches = 3;
  report.cache.bytes = 300;
  report.cache.capacity_bytes = 1000;
  report.cache.hits = 5;
  report.cache.joins = 1;
  report.cache.misses = 2;
  group_report group;
  group.actor = {40, 39, "group", "run \"42\"", "serving", 0, 8s};
  group.name = "run \"42\"";
  group.dataset = "mnist";
  group.progress = {2, {3, 1}, 2, false, 700, 1, 30};
  group.batches = 334;
  group.epochs = 10;
  group.members = {{"client_127.0.0.1:5", 0, 0, 0, 0, 400}, {"client_127.0.0.1:6", 7, 12.5, 2, 90, 300}};
  group.elsewhere = {{"gpu2:9", 2, 640, 5, "client_127.0.0.1:7: 5"}};
  group.batches_per_second = 250;
  report.groups = {group};
  report.store_state = "serving";
  return report;
}

inline admin::service_facts sample_facts() {
  return {"1.2.3", {}, {{"listen", ":8080"}}};
}

} // namespace dispatch::test
