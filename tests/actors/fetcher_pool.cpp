#define CAF_SUITE fetcher_pool

#include "actors/fetcher_pool.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/actors/fetcher_pool_fixture.hpp"
#include "tests/support/metrics_text.hpp"

using namespace dispatch;
using namespace std::chrono_literals;
using fixture = test::fetcher_pool_fixture;

CAF_TEST_FIXTURE_SCOPE(fetcher_pool_tests, fixture)

CAF_TEST(a slot comes back after a success) {
  start();
  ask(0);
  CAF_CHECK_EQUAL(in_flight(), 1u);
  upstreams.answer(0, "samples");
  CAF_CHECK(result(0).frame != nullptr);
  CAF_CHECK_EQUAL(in_flight(), 0u);
}

CAF_TEST(a slot comes back after an empty reply) {
  start();
  ask(0);
  for (auto i = 0; i < 3; ++i) {
    upstreams.answer(0, "");
    sched.run();
    pass(50ms);
  }
  CAF_REQUIRE(result(0).frame != nullptr);
  CAF_CHECK_EQUAL(result(0).frame->data_bytes(), 0u);
  CAF_CHECK_EQUAL(in_flight(), 0u);
}

CAF_TEST(a slot comes back after an error) {
  start();
  ask(0);
  upstreams.fail(0, status_code::not_found);
  CAF_REQUIRE(result(0).problem);
  CAF_CHECK(result(0).problem->code == status_code::not_found);
  CAF_CHECK_EQUAL(in_flight(), 0u);
}

CAF_TEST(a slot comes back after a deadline) {
  start();
  ask(0, 20s);
  const auto call = upstreams.take(0);
  pass(21s);
  // A fetcher that does not report its call in time is replaced; its work waits again, until the timeout.
  CAF_REQUIRE(result(0).problem);
  CAF_CHECK(result(0).problem->code == status_code::unavailable);
  CAF_CHECK_EQUAL(live_fetchers(report().upstreams.at(0)), 2u);
  upstreams.calls.clear();
  pass(15s);
  CAF_CHECK_EQUAL(in_flight(), 0u);
  // The late reply of a call that was given up does no harm.
  upstreams.answer(call, "late");
  sched.run();
  CAF_CHECK(result(0).frame == nullptr);
  ask(1);
  upstreams.answer(1, "fine");
  CAF_CHECK(result(1).frame != nullptr);
}

CAF_TEST(a slot comes back when the fetcher is gone and its work goes elsewhere) {
  start();
  for (auto i = 0; i < 4; ++i)
    ask(i);
  upstreams.fail(1, status_code::unavailable);
  sched.run();
  CAF_CHECK_EQUAL(live_fetchers(report().upstreams.at(0)), 1u);
  CAF_CHECK_EQUAL(in_flight(), 4u);
  // What the lost fetcher had was asked for again on the other one; late replies of the lost one mean nothing.
  for (const auto& call : std::vector{upstreams.calls})
    upstreams.answer(call, "x");
  for (auto i = 0; i < 4; ++i)
    CAF_CHECK(result(i).frame != nullptr);
  CAF_CHECK_EQUAL(in_flight(), 0u);
}

CAF_TEST(each upstream gets as many calls at a time as it may) {
  options.upstreams = {"a:1", "b:2"};
  start();
  for (auto i = 0; i < 20; ++i)
    ask(i);
  std::map<std::string, int> calls;
  for (const auto& call : upstreams.calls)
    ++calls[call.upstream];
  CAF_CHECK_EQUAL(calls["a:1"], 4);
  CAF_CHECK_EQUAL(calls["b:2"], 4);
  CAF_CHECK_EQUAL(report().queued, 12u);
  upstreams.answer(0, "x");
  sched.run();
  CAF_CHECK_EQUAL(report().queued, 11u);
}

CAF_TEST(a request that has waited for too long is answered with what is wrong upstream) {
  upstreams.health = status_code::unavailable;
  start();
  ask(0, 30s);
  pass(29s);
  CAF_CHECK(result(0).pending());
  pass(2s);
  CAF_REQUIRE(result(0).problem);
  CAF_CHECK(result(0).problem->code == status_code::unavailable);
  CAF_CHECK(result(0).problem->message.find("a:1: UNAVAILABLE: for the test") != std::string::npos);
}

CAF_TEST(a poisoned batch is answered after its attempts and the pool stays up) {
  start();
  ask(7);
  for (auto attempt = 0; attempt < 3; ++attempt) {
    CAF_CHECK(result(7).pending());
    upstreams.fail(7, status_code::internal);
    sched.run();
    pass(50ms);
  }
  CAF_REQUIRE(result(7).problem);
  CAF_CHECK(result(7).problem->code == status_code::internal);
  CAF_CHECK_EQUAL(live_fetchers(report().upstreams.at(0)), 2u);
  CAF_CHECK_EQUAL(failed_calls(report().upstreams.at(0)), 3u);
}

CAF_TEST(a batch that makes each fetcher fail is answered after its attempts and the pool goes on) {
  start();
  upstreams.poison = 7;
  for (const auto index : {5, 6, 7, 8})
    ask(index);
  // Restarts have pauses; those batches that a fetcher is alive for are answered at once.
  for (auto i = 0; i < 20'000 && result(7).pending(); ++i) {
    for (const auto& call : std::exchange(upstreams.calls, {}))
      upstreams.answer(call, "x");
    advance_time(1ms);
    sched.run();
  }
  CAF_REQUIRE(result(7).problem);
  CAF_CHECK(result(7).problem->code == status_code::internal);
  pass(10s);
  for (const auto& call : std::exchange(upstreams.calls, {}))
    upstreams.answer(call, "x");
  // They came back apart from the one that makes fetchers fail.
  for (const auto index : {5, 6, 8})
    CAF_CHECK(result(index).frame != nullptr);
  CAF_CHECK_EQUAL(live_fetchers(report().upstreams.at(0)), 2u);
  CAF_CHECK_EQUAL(in_flight(), 0u);
}

CAF_TEST(batches that wait for their next attempts each start in time) {
  start();
  ask(0);
  ask(1);
  // Both have failed twice, the second of them 10 ms later.
  for (const auto index : {0, 1}) {
    for (auto i = 0; i < 2; ++i) {
      upstreams.fail(index, status_code::internal);
      sched.run();
    }
    advance_time(10ms);
    sched.run();
  }
  CAF_CHECK_EQUAL(upstreams.indices(), (std::vector<std::int32_t>{0}));
  advance_time(10ms);
  sched.run();
  CAF_CHECK_EQUAL(upstreams.indices(), (std::vector<std::int32_t>{0, 1}));
}

CAF_TEST(a failed call is tried on another fetcher) {
  options.upstreams = {"a:1", "b:2"};
  options.fetchers_per_upstream = 1;
  start();
  ask(0);
  const auto first = upstreams.take(0);
  upstreams.fail(first, status_code::deadline_exceeded);
  sched.run();
  const auto second = upstreams.take(0);
  CAF_CHECK(first.upstream != second.upstream);
}

CAF_TEST(of two upstreams one is enough) {
  options.upstreams = {"a:1", "b:2"};
  start();
  for (auto i = 0; i < 8; ++i)
    ask(i);
  for (const auto& call : std::vector{upstreams.calls})
    if (call.upstream == "a:1")
      upstreams.fail(call, status_code::unavailable);
  upstreams.health = status_code::unavailable;
  sched.run();
  for (auto round = 0; round < 8; ++round) {
    for (const auto& call : std::exchange(upstreams.calls, {}))
      if (call.upstream == "b:2")
        upstreams.answer(call, "x");
    sched.run();
  }
  for (auto i = 0; i < 8; ++i)
    CAF_CHECK(result(i).frame != nullptr);
}

CAF_TEST(a withdrawn request that waits for its turn is answered) {
  start();
  for (auto i = 0; i < 6; ++i)
    ask(i);
  CAF_CHECK_EQUAL(report().queued, 2u);
  withdraw(4);
  CAF_REQUIRE(result(4).problem);
  CAF_CHECK(result(4).problem->code == status_code::cancelled);
  CAF_CHECK(result(5).pending());
  CAF_CHECK_EQUAL(report().queued, 1u);
  upstreams.answer(0, "x");
  sched.run();
  upstreams.answer(5, "x");
  CAF_CHECK(result(5).frame != nullptr);
}

CAF_TEST(a withdrawn request that is being worked on goes on) {
  start();
  ask(0);
  withdraw(0);
  CAF_CHECK(result(0).pending());
  CAF_CHECK_EQUAL(in_flight(), 1u);
  upstreams.answer(0, "x");
  CAF_CHECK(result(0).frame != nullptr);
}

CAF_TEST(thousands of requests are withdrawn one by one and the others wait on) {
  start();
  constexpr std::int32_t requests = 20'000;
  for (std::int32_t i = 0; i < requests; ++i)
    anon_send(asker, fetch_batch{{"mnist", 30, i}});
  sched.run();
  for (std::int32_t i = 0; i < requests; ++i)
    if (i % 1000 != 0)
      anon_send(pool, withdraw_fetch{{"mnist", 30, i}});
  sched.run();
  // The first four are being worked on.
  for (std::int32_t i = 0; i < requests; ++i)
    if ((*results)[i].pending() != (i < 4 || i % 1000 == 0))
      CAF_FAIL("batch " << i);
  CAF_CHECK_EQUAL(report().queued, requests / 1000 - 1u);
}

CAF_TEST(each request has its own deadline) {
  upstreams.health = status_code::unavailable;
  start();
  ask(0, 30s);
  ask(1, 10s);
  pass(9s);
  CAF_CHECK(result(1).pending());
  pass(2s);
  CAF_REQUIRE(result(1).problem);
  CAF_CHECK(result(1).problem->code == status_code::unavailable);
  CAF_CHECK(result(0).pending());
}

CAF_TEST(an upstream that answers many calls at a time gets more of them) {
  options.limit = {};
  start();
  CAF_CHECK_EQUAL(report().upstreams.at(0).limit, options.limit.initial);
  auto next = 0;
  // Each call takes 5 ms however many there are, and there is always more to do.
  for (auto round = 0; round < 600; ++round) {
    while (report().queued < 70)
      ask(next++);
    const auto under_way = std::exchange(upstreams.calls, {});
    advance_time(5ms);
    for (const auto& call : under_way)
      upstreams.answer(call, "x");
    sched.run();
  }
  CAF_CHECK(report().upstreams.at(0).limit >= 16u);
  CAF_CHECK(report().upstreams.at(0).batches_per_second > 1000.0);
}

CAF_TEST(an upstream that answers one call after another keeps few of them) {
  options.limit = {};
  start();
  auto next = 0;
  for (auto round = 0; round < 3000; ++round) {
    while (report().queued < 10)
      ask(next++);
    advance_time(1ms);
    upstreams.answer(upstreams.calls.at(0).key.index, "x");
    sched.run();
  }
  CAF_CHECK(report().upstreams.at(0).limit <= 4u);
}

CAF_TEST(a batch without samples is asked for again) {
  start();
  ask(0);
  upstreams.answer(0, "");
  CAF_CHECK(result(0).pending());
  CAF_REQUIRE_EQUAL(upstreams.calls.size(), 1u);
  upstreams.answer(0, "samples");
  CAF_REQUIRE(result(0).frame != nullptr);
  CAF_CHECK_EQUAL(result(0).frame->data_bytes(), 7u);
}

CAF_TEST(a call that takes much too long is begun on another upstream) {
  options.upstreams = {"a:1", "b:2"};
  options.fetchers_per_upstream = 1;
  start();
  ask(0);
  const auto first = upstreams.take(0);
  pass_until([this] { return !upstreams.calls.empty(); });
  const auto second = upstreams.take(0);
  CAF_CHECK(first.upstream != second.upstream);
  upstreams.answer(second, "fast");
  CAF_REQUIRE(result(0).frame != nullptr);
  upstreams.answer(first, "late");
  sched.run();
  CAF_CHECK_EQUAL(report().upstreams.at(0).calls_in_flight + report().upstreams.at(1).calls_in_flight, 0u);
}

CAF_TEST(the pool takes its fetchers with it) {
  start();
  ask(0);
  anon_send_exit(pool, caf::exit_reason::user_shutdown);
  sched.run();
  CAF_CHECK_EQUAL(upstreams.made, upstreams.destroyed);
  CAF_REQUIRE(result(0).problem);
}

CAF_TEST(the pool says how long calls take and how they fail) {
  start();
  CAF_CHECK(!report().upstreams.at(0).latency_p50);
  ask(0);
  pass(50ms);
  upstreams.answer(0, "data");
  sched.run();
  ask(1);
  upstreams.fail(1, status_code::internal);
  sched.run();
  const auto known = report().upstreams.at(0);
  CAF_REQUIRE(known.latency_p50.has_value());
  CAF_CHECK(*known.latency_p50 == 50ms);
  CAF_CHECK(*known.latency_p99 == 50ms);
  CAF_REQUIRE_EQUAL(known.failures.size(), 1u);
  CAF_CHECK(known.failures[0].code == status_code::internal && known.failures[0].count == 1);
  CAF_CHECK_EQUAL(known.last_failure, "INTERNAL: for the test");
  CAF_CHECK(known.last_failure_at.time_since_epoch().count() > 0);
  CAF_CHECK_EQUAL(test::counted(sys.metrics(), "dispatcher_retries_total"), 1);
  CAF_CHECK_EQUAL(test::counted(sys.metrics(), "dispatcher_retries_total{code=\"INTERNAL\"}"), 1);
  const upstream_metrics metrics{sys.metrics(), "a:1"};
  CAF_CHECK_EQUAL(metrics.fetch->sum(), 0.05);
}

CAF_TEST(the failure of a request is no failure of the upstream and not tried again) {
  start();
  ask(0);
  upstreams.fail(0, status_code::not_found);
  sched.run();
  CAF_CHECK(report().upstreams.at(0).failures.empty());
  CAF_CHECK_EQUAL(test::counted(sys.metrics(), "dispatcher_retries_total"), 0);
}

CAF_TEST(a watcher is told of each new connection and of one that is there already) {
  auto changes = std::make_shared<int>(0);
  start_connected(2);
  const auto watch = [changes]() -> upstream_watcher_actor::behavior_type {
    return {[changes](upstreams_changed) { ++*changes; }, [](upstreams_away) {}};
  };
  const upstream_watcher_actor watcher = sys.spawn(watch);
  anon_send(pool, watch_upstreams{watcher});
  sched.run();
  CAF_CHECK_EQUAL(*changes, 1);
  end_connections();
  CAF_CHECK_EQUAL(*changes, 3);
}

CAF_TEST(a watcher is told each time that no upstream can be reached) {
  auto told = std::make_shared<int>(0);
  start_connected(2);
  const auto watch = [told]() -> upstream_watcher_actor::behavior_type {
    return {[](upstreams_changed) {}, [told](upstreams_away) { ++*told; }};
  };
  const upstream_watcher_actor watcher = sys.spawn(watch);
  anon_send(pool, watch_upstreams{watcher});
  sched.run();
  const auto both = report().fetchers;
  anon_send_exit(both.at(0), caf::exit_reason::kill);
  sched.run();
  CAF_CHECK_EQUAL(*told, 0);
  anon_send_exit(both.at(1), caf::exit_reason::kill);
  sched.run();
  CAF_CHECK_EQUAL(*told, 1);
}

CAF_TEST(the log calls a fetcher what the report calls it) {
  options.upstreams = {"a:1", "b:2"};
  start();
  anon_send_exit(report().fetchers.at(3), caf::exit_reason::kill);
  sched.run();
  CAF_REQUIRE_EQUAL(log->named("fetcher_failed").size(), 1u);
  const auto failed = log->named("fetcher_failed").front();
  CAF_CHECK_EQUAL(failed.fields.at("upstream"), "b:2");
  CAF_CHECK_EQUAL(failed.fields.at("fetcher"), "1");
  const auto row = report().upstreams.at(1);
  CAF_CHECK_EQUAL(row.address, "b:2");
  CAF_CHECK_EQUAL(row.fetchers.at(0).state, "up");
  CAF_CHECK_EQUAL(row.fetchers.at(1).state, "paused");
}

CAF_TEST(the pool says where its fetchers are) {
  options.restart = {100ms, 100ms, 10000ms};
  start();
  ask(0);
  auto known = report();
  CAF_REQUIRE_EQUAL(known.fetchers.size(), 2u);
  const auto busy = known.upstreams.at(0).fetchers.at(0).calls_in_flight == 1 ? 0u : 1u;
  CAF_CHECK_EQUAL(known.upstreams[0].fetchers[busy].calls_in_flight, 1u);
  CAF_CHECK_EQUAL(known.upstreams[0].fetchers[busy].state, "up");
  CAF_CHECK_EQUAL(known.upstreams[0].fetchers[busy].actor->id, known.fetchers[busy].id());
  anon_send_exit(known.fetchers[busy], caf::exit_reason::kill);
  sched.run();
  known = report();
  CAF_CHECK(!known.fetchers[busy]);
  auto fetcher = known.upstreams[0].fetchers[busy];
  CAF_CHECK(!fetcher.actor);
  CAF_CHECK_EQUAL(fetcher.state, "paused");
  CAF_CHECK_EQUAL(fetcher.restarts, 0u);
  CAF_CHECK(!fetcher.last_failure.empty());
  CAF_REQUIRE(fetcher.next_attempt_in.has_value());
  CAF_CHECK(*fetcher.next_attempt_in <= 100ms);
  // What it had is made again elsewhere.
  CAF_CHECK_EQUAL(test::counted(sys.metrics(), "dispatcher_retries_total"), 1);
  pass(100ms);
  known = report();
  fetcher = known.upstreams[0].fetchers[busy];
  CAF_CHECK_EQUAL(fetcher.state, "up");
  CAF_CHECK_EQUAL(fetcher.restarts, 1u);
  CAF_CHECK_EQUAL(known.upstreams[0].restarts, 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()
