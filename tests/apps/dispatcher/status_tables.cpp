#define CAF_SUITE status_tables

#include "apps/dispatcher/status_tables.hpp"

#include <caf/test/unit_test.hpp>

#include <sstream>
#include <string>

#include "apps/dispatcher/json_cells.hpp"
#include "tests/io/admin/sample_report.hpp"
#include "tests/support/contains.hpp"

using namespace dispatch;
using dispatch::test::contains;
using namespace std::chrono_literals;

namespace {

const admin::json no_events{{"next", 0}, {"events", admin::json::array()}};

std::string tables_of(const service_report& report, const table_room& room = {}) {
  return status_tables(admin::status_json(report, test::sample_facts()), no_events, room);
}

} // namespace

CAF_TEST(everything is in tables) {
  CAF_CHECK_EQUAL(tables_of(test::sample_report()),
                  R"(dispatcher 1.2.3, serving on :8080 for 1m 40s, ready
sent 10 batches, 20 B; now 1.5/s, 2 B/s
passes: 1 complete, 2 failed, 3 lost

CLIENTS  1 connected, 5 accepted, 1 refused
  ID                  SESSION  STATE    PROGRESS       BATCH   OF   RATE     LEFT  BOTTLENECK  BOUND  UPSTREAM  ENCODING  SOCKET
  client_127.0.0.1:5           waiting  ---------- 2%      7  334  0.5/s  10m 54s  upstream    input       75%       12%      6%

GROUPS  1 with members here; the store is serving
  NAME                  STATE      EPOCH  OF  ACKED     RATE  AGAIN  PARKED  HELD    FOR
  run "42"              serving        2  10    700  250.0/s     30       1
    client_127.0.0.1:6  member                  300                             7  12.5s
    client_127.0.0.1:5  member                  400                             0    0ms
    gpu2:9              elsewhere      2                                        5

UPSTREAMS  4 batches wait for a fetcher
  ADDRESS      STATE   CALLS  NOW  LIMIT  P50   P99  FAILED CALLS  OUTAGES  RESTARTS  NEXT TRY  LAST FAILURE
  gpu1:50051   up        100    2      4  1ms  20ms             5        2                      UNAVAILABLE: gone
    fetcher 0  up        100    2                                                  0         -  -
    fetcher 1  paused      0    0                                                  1      1.5s  UNAVAILABLE: gone

OUTAGES  2
  UPSTREAM    BEGAN           LASTED  ATTEMPTS  HELD UP  REASON
  gpu2:50051  00:01:10  30.0s so far         9        1  -
  gpu1:50051  00:00:10          5.0s         3        2  UNAVAILABLE: gone

CACHE  up, 3 batches, 300 B of 1.0 kB, 75% hits, 0 evicted
ACTORS  1 client (waiting)  1 listener (serving)

EVENTS
)");
}

CAF_TEST(a session says where it is) {
  auto report = test::sample_report();
  report.clients.front().session = session_report{"run-42", 7, 2, 10, 640, 60000, 1, 4};
  CAF_CHECK(test::contains(tables_of(report), "  run-42, epoch 2 of 10, shard 1/4  waiting"));
  report.clients.front().session = session_report{"", std::nullopt, 5, std::nullopt, 0, std::nullopt, 0, 1};
  CAF_CHECK(test::contains(tables_of(report), "  epoch 5, shard 0/1  waiting"));
}

CAF_TEST(what is wrong stands in the first lines) {
  auto report = test::sample_report();
  report.unanswered = {"frame_cache", "listener"};
  auto& upstream = report.upstreams.front();
  upstream.up = false;
  upstream.address = "gpu1:50051";
  upstream.last_failure = "UNAVAILABLE: " + std::string(150, 'x');
  const auto text = tables_of(report);
  CAF_CHECK_EQUAL(text.find("dispatcher 1.2.3, serving on :8080 for 1m 40s, NOT READY: frame_cache does not answer, "
                            "listener does not answer, no upstream is up, gpu1:50051: "
                            + upstream.last_failure + "\nno answer from: frame_cache, listener\n"),
                  0u);
}

CAF_TEST(consumers that need a look come first and others are counted) {
  auto report = test::sample_report();
  const auto row = report.clients.front();
  report.clients.clear();
  for (const auto* id : {"client_quick", "client_slow", "client_stalled"}) {
    report.clients.push_back(row);
    report.clients.back().client_id = id;
  }
  report.clients[1].remaining = 1h;
  report.clients[2].stalled_for = 5s;
  table_room room;
  room.clients = 2;
  const auto text = tables_of(report, room);
  CAF_CHECK(text.find("client_stalled") < text.find("client_slow"));
  CAF_CHECK(contains(text, "client_slow"));
  CAF_CHECK(!contains(text, "client_quick"));
  CAF_CHECK(contains(text, "  and 1 more\n"));
}

CAF_TEST(what is not known is a dash) {
  auto report = test::sample_report();
  report.clients.front().batches_total.reset();
  report.clients.front().remaining.reset();
  CAF_CHECK(contains(tables_of(report), "  ..........      7   -  0.5/s     -  upstream"));
}

CAF_TEST(lines are as long as the terminal is wide) {
  table_room room;
  room.width = 40;
  std::istringstream lines{tables_of(test::sample_report(), room)};
  for (std::string line; std::getline(lines, line);)
    CAF_CHECK(line.size() <= 40);
}

CAF_TEST(the last events are shown) {
  auto events = no_events;
  for (auto i = 1; i <= 3; ++i)
    events["events"].push_back({{"seq", i},
                                {"time", "2024-05-01T09:30:0" + std::to_string(i) + ".000Z"},
                                {"level", "info"},
                                {"event", "e" + std::to_string(i)},
                                {"fields", {{"n", i}, {"real", 0.12345}, {"text", "a b"}}}});
  table_room room;
  room.events = 2;
  const auto text = status_tables(admin::status_json(test::sample_report(), test::sample_facts()), events, room);
  CAF_CHECK(!contains(text, "e1"));
  CAF_CHECK(
    contains(text, "EVENTS\n  09:30:02 info e2 n=2 real=0.123 text=a b\n  09:30:03 info e3 n=3 real=0.123 text=a b\n"));
}

CAF_TEST(nothing from outside reaches the terminal as it is) {
  auto report = test::sample_report();
  report.upstreams.front().last_failure = "\x1b[2J\nred";
  const auto text = tables_of(report);
  CAF_CHECK(!contains(text, "\x1b"));
  CAF_CHECK(contains(text, "\\x1b[2J\\x0ared"));
}

CAF_TEST(an answer of another kind is refused) {
  CAF_CHECK_THROWS_AS(status_tables(admin::json::object(), no_events, {}), admin::json::exception);
}

CAF_TEST(durations are rough) {
  CAF_CHECK_EQUAL(rough_duration(0), "0ms");
  CAF_CHECK_EQUAL(rough_duration(0.9501), "950ms");
  CAF_CHECK_EQUAL(rough_duration(0.9996), "1.0s");
  CAF_CHECK_EQUAL(rough_duration(4.25), "4.2s");
  CAF_CHECK_EQUAL(rough_duration(59.96), "1m 00s");
  CAF_CHECK_EQUAL(rough_duration(200), "3m 20s");
  CAF_CHECK_EQUAL(rough_duration(7500), "2h 05m");
  CAF_CHECK_EQUAL(rough_duration(356'400), "4d 03h");
}

CAF_TEST(sizes are rough) {
  CAF_CHECK_EQUAL(rough_bytes(0), "0 B");
  CAF_CHECK_EQUAL(rough_bytes(999), "999 B");
  CAF_CHECK_EQUAL(rough_bytes(1000), "1.0 kB");
  CAF_CHECK_EQUAL(rough_bytes(999'999), "1.0 MB");
  CAF_CHECK_EQUAL(rough_bytes(41'847'183), "41.8 MB");
  CAF_CHECK_EQUAL(rough_bytes(5e15), "5000.0 TB");
}
