#define CAF_SUITE fetcher_pool_streams

#include "actors/fetcher_pool.hpp"

#include <cstdint>
#include <optional>
#include <vector>

#include "actors/policy/slow_description.hpp"
#include "tests/actors/fetcher_pool_fixture.hpp"

using namespace dispatch;
using namespace std::chrono_literals;
using fixture = test::fetcher_pool_fixture;

CAF_TEST_FIXTURE_SCOPE(fetcher_pool_streams_tests, fixture)

CAF_TEST(without a live upstream there is no stream) {
  upstreams.health = status_code::unavailable;
  start();
  const auto reason = refusal_of(open_stream{"mnist", 30});
  CAF_CHECK(reason.code == status_code::unavailable);
  CAF_CHECK(reason.message.find("a:1: UNAVAILABLE: for the test") != std::string::npos);
  CAF_CHECK_EQUAL(upstreams.streams_opened, 0);
  CAF_CHECK_EQUAL(report().upstreams.at(0).calls, 0u);
}

CAF_TEST(a stream is from the upstream with fewer calls under way) {
  options.upstreams = {"a:1", "b:2"};
  start();
  for (auto i = 0; i < 3; ++i)
    ask(i);
  // Whichever has two calls of the three; the other gets the stream.
  const auto busy_index = report().upstreams.at(0).calls_in_flight == 2 ? 0u : 1u;
  const auto before = report();
  auto stream = opened();
  auto response = send_request(stream, next_batch{});
  CAF_REQUIRE_EQUAL(upstreams.reads.size(), 1u);
  CAF_CHECK_EQUAL(upstreams.reads[0].upstream, options.upstreams[1 - busy_index]);
  CAF_CHECK_EQUAL(report().upstreams.at(1 - busy_index).calls, before.upstreams.at(1 - busy_index).calls + 1);
  CAF_CHECK_EQUAL(report().upstreams.at(busy_index).calls, before.upstreams.at(busy_index).calls);
  upstreams.stream("x");
  CAF_CHECK_EQUAL(answer_to(response)->index(), 0);
  anon_send_exit(stream, caf::exit_reason::user_shutdown);
  sched.run();
  CAF_CHECK_EQUAL(upstreams.streams_closed, 1);
}

CAF_TEST(an upstream that gets one call at a time gets no stream and one fetcher) {
  options.limit = {1, 1, 1};
  start();
  CAF_CHECK_EQUAL(live_fetchers(report().upstreams.at(0)), 1u);
  CAF_CHECK(refusal_of(open_stream{"mnist", 30}).code == status_code::resource_exhausted);
}

CAF_TEST(a stream is one of the calls that an upstream gets) {
  options.limit = {2, 2, 2};
  start();
  const auto stream = opened();
  ask(0);
  ask(1);
  CAF_CHECK_EQUAL(upstreams.indices(), (std::vector<std::int32_t>{0}));
  anon_send_exit(stream, caf::exit_reason::user_shutdown);
  sched.run();
  CAF_CHECK_EQUAL(upstreams.indices(), (std::vector<std::int32_t>{0, 1}));
}

CAF_TEST(a call that is refused for too many ends the stream and is no attempt) {
  options.limit = {2, 1, 64};
  start();
  const auto stream = opened();
  ask(0);
  for (auto refusal = 0; refusal < 10; ++refusal) {
    CAF_REQUIRE_EQUAL(upstreams.indices(), (std::vector<std::int32_t>{0}));
    upstreams.fail(0, status_code::resource_exhausted);
    sched.run();
    CAF_CHECK_EQUAL(upstreams.streams_closed, 1);
    CAF_CHECK(result(0).pending());
    pass(1s);
  }
  upstreams.answer(0, "x");
  CAF_CHECK(result(0).frame != nullptr);
  CAF_CHECK_EQUAL(live_fetchers(report().upstreams.at(0)), 2u);
}

CAF_TEST(an upstream that is down gets no stream although it has fewer calls) {
  options.upstreams = {"a:1", "b:2"};
  start();
  for (auto i = 0; i < 4; ++i)
    ask(i);
  upstreams.health = std::nullopt;
  for (const auto& call : std::vector{upstreams.calls})
    if (call.upstream == "a:1")
      upstreams.fail(call, status_code::unavailable);
  sched.run();
  CAF_REQUIRE_EQUAL(live_fetchers(report().upstreams.at(0)), 0u);
  auto stream = opened();
  anon_send(caf::actor_cast<caf::actor>(stream), next_batch{});
  sched.run();
  CAF_REQUIRE_EQUAL(upstreams.reads.size(), 1u);
  CAF_CHECK_EQUAL(upstreams.reads[0].upstream, "b:2");
  anon_send_exit(stream, caf::exit_reason::user_shutdown);
}

CAF_TEST(a stream is not opened at an upstream that refused its dataset) {
  options.upstreams = {"a:1", "b:2"};
  start();
  ask(0);
  upstreams.fail(0, status_code::not_found);
  sched.run();
  for (auto i = 0; i < 3; ++i) {
    const auto stream = opened();
    self->send(stream, next_batch{});
    sched.run();
    CAF_CHECK_EQUAL(upstreams.reads.back().upstream, "b:2");
    anon_send_exit(stream, caf::exit_reason::kill);
  }
}

CAF_TEST(an upstream that refuses a stream of a dataset gets no call for it) {
  options.upstreams = {"a:1", "b:2"};
  start();
  self->send(opened(), next_batch{});
  sched.run();
  CAF_REQUIRE_EQUAL(upstreams.reads.at(0).upstream, "a:1");
  upstreams.end_stream(status_code::not_found);
  sched.run();
  for (auto i = 0; i < 4; ++i)
    ask(i);
  for (const auto& call : upstreams.calls)
    CAF_CHECK_EQUAL(call.upstream, "b:2");
}

CAF_TEST(a stream that ends well says nothing about its upstream) {
  options.upstreams = {"a:1", "b:2"};
  start();
  self->send(opened(), next_batch{});
  sched.run();
  upstreams.end_stream(status_code::out_of_range);
  sched.run();
  CAF_CHECK(report().upstreams.at(0).last_failure.empty());
}

CAF_TEST(a stream goes over the connection of the fetcher that has fewer calls) {
  start();
  ask(0);
  const auto before = upstreams.made;
  const auto stream = opened();
  self->send(stream, next_batch{});
  sched.run();
  CAF_CHECK_EQUAL(upstreams.reads.size(), 1u);
  CAF_CHECK_EQUAL(upstreams.made, before);
}

CAF_TEST(a stream of a fingerprint begins when the upstream has described it) {
  start();
  auto response = send_request(pool, open_stream{"mnist", 30, fingerprint_of(description_of(90))});
  CAF_CHECK_EQUAL(upstreams.streams_opened, 0);
  upstreams.describe(90);
  sched.run();
  CAF_CHECK_EQUAL(upstreams.streams_opened, 1);
  anon_send_exit(answer_to(response).stream, caf::exit_reason::user_shutdown);
}

CAF_TEST(a dataset that is described over the connection is not described again for a stream) {
  start_connected(1);
  auto response = send_request(pool, describe_dataset{"mnist"});
  upstreams.describe(90);
  answer_to(response);
  pass(1min);
  const auto stream = answer_from(pool, open_stream{"mnist", 30, fingerprint_of(description_of(90))}).stream;
  CAF_CHECK(upstreams.calls.empty());
  anon_send_exit(stream, caf::exit_reason::user_shutdown);
}

CAF_TEST(a stream of a fingerprint that the upstream does not have is not opened) {
  start();
  auto response = send_request(pool, open_stream{"mnist", 30, fingerprint_of(description_of(90))});
  upstreams.describe(60);
  CAF_CHECK(failure_of(response).code == status_code::aborted);
  CAF_CHECK_EQUAL(upstreams.streams_opened, 0);
}

CAF_TEST(an upstream that does not describe its datasets streams any fingerprint) {
  start();
  auto response = send_request(pool, open_stream{"mnist", 30, fingerprint_of(description_of(90))});
  upstreams.fail(upstreams.take(-1), status_code::unimplemented);
  anon_send_exit(answer_to(response).stream, caf::exit_reason::user_shutdown);
}

CAF_TEST(a stream is not opened where the dataset cannot be described) {
  start();
  auto response = send_request(pool, open_stream{"mnist", 30, fingerprint_of(description_of(90))});
  upstreams.fail(upstreams.take(-1), status_code::unavailable);
  CAF_CHECK(failure_of(response).code == status_code::unavailable);
}

CAF_TEST(a stream does not wait for a description that takes long) {
  start();
  auto response = send_request(pool, open_stream{"mnist", 30, fingerprint_of(description_of(90))});
  pass(policy::slow_description + step);
  CAF_CHECK(failure_of(response).code == status_code::unavailable);
}

CAF_TEST(a stream that could not begin leaves its place to calls) {
  options.limit = {2, 2, 2};
  start();
  auto response = send_request(pool, open_stream{"mnist", 30, fingerprint_of(description_of(90))});
  upstreams.describe(60);
  failure_of(response);
  ask(0);
  ask(1);
  CAF_CHECK_EQUAL(upstreams.indices(), (std::vector<std::int32_t>{0, 1}));
}

CAF_TEST_FIXTURE_SCOPE_END()
