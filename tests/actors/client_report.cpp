#define CAF_SUITE client_report

#include "actors/client.hpp"

#include "tests/actors/client_fixture.hpp"
#include "tests/support/metrics_text.hpp"

using namespace dispatch;
using namespace std::chrono_literals;
using fixture = test::client_fixture;

CAF_TEST_FIXTURE_SCOPE(client_report_tests, fixture)

CAF_TEST(a client says how far it is) {
  start();
  CAF_CHECK_EQUAL(report().actor.state, "starting");
  CAF_CHECK(!report().batches_total);
  describe(60);
  auto known = report();
  CAF_CHECK_EQUAL(known.actor.state, "waiting");
  CAF_CHECK_EQUAL(known.client_id, "client_1.2.3.4:5");
  CAF_CHECK_EQUAL(known.dataset, "mnist");
  CAF_CHECK_EQUAL(known.batch_size, 10);
  CAF_CHECK_EQUAL(known.batches_total.value_or(0), 6);
  CAF_CHECK_EQUAL(known.window.size, 3u);
  CAF_CHECK_EQUAL(known.window.requested, 3u);
  answer(0);
  answer(1);
  known = report();
  CAF_CHECK_EQUAL(known.actor.state, "sending");
  CAF_CHECK_EQUAL(known.window.requested, 1u);
  CAF_CHECK_EQUAL(known.window.unsent, 2u);
  CAF_CHECK_EQUAL(known.batch_index, 0);
  CAF_CHECK(!known.remaining);
  pass(1s);
  written(2);
  known = report();
  CAF_CHECK_EQUAL(known.actor.state, "waiting");
  CAF_CHECK_EQUAL(known.batch_index, 2);
  CAF_CHECK_EQUAL(known.batches, 2u);
  CAF_CHECK_EQUAL(known.bytes, 200u);
  CAF_CHECK(known.batches_per_second > 1);
  CAF_CHECK(known.bytes_per_second > 99 * known.batches_per_second);
  CAF_REQUIRE(known.remaining.has_value());
  CAF_CHECK(*known.remaining > 1s && *known.remaining < 4s);
}

CAF_TEST(a client that has sent all is finishing) {
  start();
  describe(20);
  answer(0);
  answer(1);
  CAF_CHECK_EQUAL(report().actor.state, "sending");
  CAF_CHECK_EQUAL(report().connection.state, "closing");
  written(2);
  CAF_CHECK_EQUAL(report().actor.state, "finishing");
  CAF_CHECK_EQUAL(report().connection.state, "closing");
  pass(60s);
  CAF_CHECK(report().slowest == bottleneck::none);
}

CAF_TEST(a consumer that waits for its batches waits for the upstream) {
  start();
  describe(1000);
  pass(4s);
  answer(0);
  written(1);
  pass(4s);
  const auto known = report();
  CAF_CHECK(known.waited.upstream == 8s);
  CAF_CHECK(known.waited.socket == 0s);
  CAF_CHECK(known.slowest == bottleneck::upstream);
  CAF_CHECK(known.waited_lately.upstream > 0.99);
  CAF_CHECK(known.stalled_for == 0s);
}

CAF_TEST(the time that its next batch was encoded is told apart) {
  start();
  describe(1000);
  pass(4s);
  // One that came early is not encoded yet.
  answer(1);
  CAF_CHECK(report().waited.encoding == 0s);
  encoding = 3s;
  answer(0);
  const auto known = report();
  CAF_CHECK(known.waited.upstream == 4s);
  CAF_CHECK(known.waited.encoding == 6s);
  CAF_CHECK(known.slowest == bottleneck::encoding);
}

CAF_TEST(a consumer that takes nothing waits for its socket and is stalled after a while) {
  start();
  describe(1000);
  for (const auto i : {0, 1, 2})
    answer(i);
  const auto state = [this] { return report().actor.state; };
  CAF_CHECK_EQUAL(state(), "sending");
  const auto is_stalled = [&] { return state() == "stalled"; };
  const auto first = pass_until(is_stalled);
  CAF_CHECK(first > 0s);
  CAF_CHECK(report().stalled_for == first);
  // Part of a frame is something.
  written(0);
  CAF_CHECK_EQUAL(state(), "sending");
  CAF_CHECK(report().stalled_for == 0s);
  CAF_CHECK_EQUAL(report().batches, 0u);
  CAF_CHECK(pass_until(is_stalled) == first);
  const auto known = report();
  CAF_CHECK(known.stalled_for == first);
  CAF_CHECK(known.waited.socket == 2 * first);
  CAF_CHECK(known.slowest == bottleneck::socket);
  written(1);
  CAF_CHECK_EQUAL(state(), "sending");
}

CAF_TEST(streams and what they sent are counted for all clients) {
  start();
  describe(20);
  pass(2s);
  answer(0);
  answer(1);
  pass(1s);
  written(2);
  tick();
  tick();
  const client_metrics counts{sys.metrics()};
  CAF_CHECK_EQUAL(count_of(counts.sent_batches), 2u);
  CAF_CHECK_EQUAL(count_of(counts.sent_bytes), 200u);
  CAF_CHECK_EQUAL(counts.first_frame->sum(), 3.0);
  CAF_CHECK_EQUAL(counts.waited_for_upstream->value(), 2.0);
  CAF_CHECK_EQUAL(counts.waited_for_socket->value(), 1.0);
  lose_connection();
  CAF_CHECK_EQUAL(count_of(counts.ended(pass_outcome::complete)), 1u);
  CAF_CHECK_EQUAL(test::counted(sys.metrics(), "dispatcher_error_frames_total"), 0);
}

CAF_TEST(streams that end by an error frame are counted by its code) {
  start();
  describe(1000);
  fail(0, status_code::not_found);
  lose_connection();
  const client_metrics counts{sys.metrics()};
  CAF_CHECK_EQUAL(count_of(counts.ended(pass_outcome::error)), 1u);
  CAF_REQUIRE_EQUAL(test::counted(sys.metrics(), "dispatcher_error_frames_total"), 1);
  CAF_CHECK_EQUAL(test::counted(sys.metrics(), "dispatcher_error_frames_total{code=\"NOT_FOUND\"}"), 1);
}

CAF_TEST_FIXTURE_SCOPE_END()
