#define CAF_SUITE fetcher_pool_connections

#include "actors/fetcher_pool.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "tests/actors/fetcher_pool_fixture.hpp"

using namespace dispatch;
using namespace std::chrono_literals;
using fixture = test::fetcher_pool_fixture;

CAF_TEST_FIXTURE_SCOPE(fetcher_pool_connections_tests, fixture)

CAF_TEST(an upstream that is down at start costs time and nothing else) {
  upstreams.health = status_code::unavailable;
  start();
  ask(0);
  pass(30s);
  CAF_CHECK(result(0).pending());
  CAF_CHECK(upstreams.calls.empty());
  CAF_CHECK(log->named("fetcher_failed").size() > 5u);
  upstreams.health = status_code::ok;
  pass(6s);
  CAF_CHECK_EQUAL(log->named("upstream_up").size(), 1u);
  upstreams.answer(0, "samples");
  CAF_CHECK(result(0).frame != nullptr);
  // Each source that was made for a fetcher that is gone was released.
  CAF_CHECK_EQUAL(upstreams.made - upstreams.destroyed, 2);
}

CAF_TEST(a restarted fetcher gets no work before its health check) {
  start();
  ask(0);
  upstreams.health = std::nullopt;
  upstreams.fail(0, status_code::unavailable);
  sched.run();
  upstreams.fail(0, status_code::unavailable);
  pass(5s);
  CAF_CHECK(upstreams.calls.empty());
  CAF_CHECK_EQUAL(live_fetchers(report().upstreams.at(0)), 0u);
  CAF_CHECK_EQUAL(log->named("upstream_down").size(), 1u);
  // A health check that is not answered ends in a restart as well.
  upstreams.health = status_code::ok;
  pass(10s);
  upstreams.answer(0, "samples");
  CAF_CHECK(result(0).frame != nullptr);
}

CAF_TEST(an upstream goes down once and comes up once) {
  start();
  for (auto i = 0; i < 4; ++i)
    ask(i);
  upstreams.health = status_code::unavailable;
  for (const auto& call : std::exchange(upstreams.calls, {}))
    upstreams.fail(call, status_code::unavailable);
  pass(10s);
  upstreams.health = status_code::ok;
  pass(6s);
  CAF_CHECK_EQUAL(log->named("upstream_down").size(), 1u);
  CAF_CHECK_EQUAL(log->named("upstream_up").size(), 2u);
}

CAF_TEST(a connection that has ended is made anew before its calls have ended) {
  start_connected(1);
  ask(0);
  const auto old = upstreams.take(0);
  end_connections();
  CAF_CHECK_EQUAL(upstreams.made, 2);
  CAF_CHECK_EQUAL(upstreams.destroyed, 0);
  CAF_CHECK_EQUAL(live_fetchers(report().upstreams.at(0)), 1u);
  upstreams.answer(old, "samples");
  CAF_CHECK(result(0).frame != nullptr);
  CAF_CHECK_EQUAL(upstreams.destroyed, 1);
  ask(1);
  upstreams.answer(1, "samples");
  CAF_CHECK(result(1).frame != nullptr);
}

CAF_TEST(connections that end in order cost no restart and nothing is said but at debug) {
  start_connected(2);
  for (auto i = 0; i < 20; ++i)
    end_connections();
  const auto upstream = report().upstreams.at(0);
  CAF_CHECK(upstream.up);
  CAF_CHECK_EQUAL(upstream.restarts, 0u);
  CAF_CHECK_EQUAL(upstream.last_failure, "");
  CAF_CHECK_EQUAL(log->named("fetcher_ready").size(), 2u);
  CAF_CHECK_EQUAL(log->named("fetcher_failed").size(), 0u);
  CAF_CHECK_EQUAL(log->named("upstream_down").size(), 0u);
  const auto renewed = log->named("connection_renewed");
  CAF_REQUIRE_EQUAL(renewed.size(), 40u);
  CAF_CHECK(renewed[0].level == severity::debug);
  CAF_CHECK_EQUAL(upstreams.made - upstreams.destroyed, 2);
}

CAF_TEST(what could not be asked over a connection that has ended is asked over the next one and is no attempt) {
  options.max_attempts = 1;
  start_connected(1);
  ask(0);
  for (auto i = 0; i < 10; ++i) {
    upstreams.turn_back(upstreams.take(0));
    pass(100ms);
  }
  upstreams.answer(0, "samples");
  CAF_CHECK(result(0).frame != nullptr);
  CAF_CHECK_EQUAL(log->named("call_failed").size(), 0u);
  CAF_CHECK_EQUAL(report().upstreams.at(0).restarts, 0u);
}

CAF_TEST(a connection that cannot be made anew is a failure) {
  start_connected(1);
  upstreams.health = status_code::unavailable;
  end_connections();
  CAF_CHECK(!report().upstreams.at(0).up);
  CAF_CHECK(log->named("fetcher_failed").size() > 0u);
  CAF_CHECK_EQUAL(log->named("upstream_down").size(), 1u);
  upstreams.health = status_code::ok;
  pass(5s);
  CAF_CHECK(report().upstreams.at(0).up);
  CAF_CHECK(report().upstreams.at(0).restarts > 0u);
}

CAF_TEST(an idle upstream is asked for a sign of life over each connection) {
  start_connected(2);
  CAF_CHECK_EQUAL(upstreams.health_checks, 2);
  pass(policy::quiet_watch::trusted_for + a_tick);
  CAF_CHECK_EQUAL(upstreams.health_checks, 4);
  pass(policy::quiet_watch::trusted_for + a_tick);
  CAF_CHECK_EQUAL(upstreams.health_checks, 6);
  CAF_CHECK_EQUAL(upstreams.made, 2);
}

CAF_TEST(an upstream that has a call or a stream under way is not asked for a sign of life) {
  start_connected(2);
  auto stream = opened();
  pass(10s);
  CAF_CHECK_EQUAL(upstreams.health_checks, 2);
  anon_send_exit(stream, caf::exit_reason::user_shutdown);
  sched.run();
  ask(0);
  pass(9s);
  CAF_CHECK_EQUAL(upstreams.health_checks, 2);
  upstreams.answer(0, "samples");
  sched.run();
  // One of the two connections has been quiet.
  pass(a_tick);
  CAF_CHECK_EQUAL(upstreams.health_checks, 3);
}

CAF_TEST(an upstream that owes an answer is not up until it brings one) {
  start_connected(1);
  ask(0);
  pass(4s);
  CAF_CHECK(report().upstreams.at(0).up);
  pass(2s);
  CAF_CHECK(!report().upstreams.at(0).up);
  CAF_CHECK_EQUAL(log->named("upstream_down").size(), 1u);
  upstreams.answer(0, "samples");
  sched.run();
  CAF_CHECK(report().upstreams.at(0).up);
  CAF_CHECK_EQUAL(log->named("upstream_up").size(), 2u);
  CAF_CHECK_EQUAL(log->named("fetcher_failed").size(), 0u);
}

CAF_TEST(an upstream that takes long for each batch is up all the time) {
  start_connected(1);
  for (auto i = 0; i < 5; ++i) {
    ask(i);
    // The first shows that it takes long.
    pass(i == 0 ? 4s : 7s);
    CAF_CHECK(report().upstreams.at(0).up);
    upstreams.answer(i, "samples");
    sched.run();
  }
  CAF_CHECK_EQUAL(log->named("upstream_down").size(), 0u);
}

CAF_TEST(an idle upstream that owes a sign of life is not up) {
  start_connected(1);
  upstreams.health = std::nullopt;
  pass(7s);
  CAF_CHECK(report().upstreams.at(0).up);
  pass(2s);
  CAF_CHECK(!report().upstreams.at(0).up);
}

CAF_TEST(when a stream breaks connections that were quiet meanwhile are replaced before they get work) {
  start_connected(2);
  auto stream = opened();
  pass(2s);
  self->send(pool, stream_broke{stream});
  sched.run();
  CAF_CHECK_EQUAL(upstreams.made, 2);
  pass(2s);
  self->send(pool, stream_broke{stream});
  ask(0);
  CAF_CHECK_EQUAL(upstreams.made, 4);
  // The stream has its connection until it ends.
  CAF_CHECK_EQUAL(upstreams.destroyed, 1);
  anon_send_exit(stream, caf::exit_reason::user_shutdown);
  sched.run();
  CAF_CHECK_EQUAL(upstreams.destroyed, 2);
  upstreams.answer(0, "samples");
  CAF_CHECK(result(0).frame != nullptr);
}

CAF_TEST(when a connection is lost those that were quiet meanwhile are replaced before they get work) {
  options.limit = {2, 2, 2};
  start_connected(2);
  ask(0);
  pass(4s);
  upstreams.fail(0, status_code::unavailable);
  upstreams.connected = false;
  sched.run();
  // The next call for it is over the one that took the place of the quiet one.
  CAF_CHECK_EQUAL(upstreams.destroyed, 2);
  upstreams.answer(0, "samples");
  CAF_CHECK(result(0).frame != nullptr);
}

CAF_TEST(a request that comes while nothing is up does not wait for the pause to end) {
  upstreams.health = status_code::unavailable;
  start();
  // By now the pauses are seconds.
  pass(60s);
  upstreams.health = status_code::ok;
  auto response = send_request(pool, describe_dataset{"mnist"});
  pass(a_tick);
  CAF_CHECK_EQUAL(upstreams.indices(), (std::vector<std::int32_t>{-1}));
}

CAF_TEST(a request that comes just before an upstream is found to be gone does not wait for the pause to end either) {
  start();
  upstreams.health = status_code::unavailable;
  // The pauses are seconds already.
  for (auto i = 0; i < 2; ++i) {
    ask(i);
    upstreams.fail(0, status_code::unavailable);
    pass(30s);
  }
  upstreams.health = status_code::ok;
  pass(6s);
  upstreams.calls.clear();
  auto response = send_request(pool, describe_dataset{"mnist"});
  pass(500ms);
  for (auto i = 0; i < 2; ++i) {
    upstreams.fail(upstreams.take(-1), status_code::unavailable);
    sched.run();
  }
  CAF_CHECK_EQUAL(live_fetchers(report().upstreams.at(0)), 0u);
  pass(a_tick);
  const auto asked = upstreams.indices();
  CAF_CHECK_EQUAL(std::count(asked.begin(), asked.end(), -1), 1);
}

CAF_TEST(an upstream that answers that it is not available keeps its fetchers) {
  upstreams.connected = true;
  start();
  for (auto i = 0; i < 20; ++i) {
    ask(i);
    if (i % 2 == 0)
      upstreams.fail(i, status_code::unavailable);
    sched.run();
    upstreams.answer(i, "samples");
    CAF_CHECK(result(i).frame != nullptr);
  }
  CAF_CHECK_EQUAL(live_fetchers(report().upstreams.at(0)), 2u);
  CAF_CHECK(log->named("fetcher_failed").empty());
}

CAF_TEST(an upstream that has no GetBatch is away until it has one) {
  options.fetchers_per_upstream = 1;
  upstreams.health = status_code::unimplemented;
  start();
  ask(0);
  upstreams.fail(0, status_code::unimplemented);
  pass(1s);
  // Its next fetcher asks for that batch first.
  CAF_CHECK(!report().upstreams.at(0).up);
  CAF_CHECK_EQUAL(upstreams.indices(), (std::vector<std::int32_t>{0}));
  upstreams.fail(0, status_code::unimplemented);
  pass(2s);
  CAF_CHECK(!report().upstreams.at(0).up);
  upstreams.answer(0, "samples");
  sched.run();
  CAF_CHECK(report().upstreams.at(0).up);
  upstreams.answer(0, "samples");
  CAF_CHECK(result(0).frame != nullptr);
}

CAF_TEST_FIXTURE_SCOPE_END()
