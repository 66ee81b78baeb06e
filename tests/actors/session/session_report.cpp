#define CAF_SUITE session_report

#include "actors/session/session_port.hpp"

#include "actors/metrics.hpp"
#include "tests/actors/session/session_fixture.hpp"
#include "tests/support/metrics_text.hpp"

using namespace dispatch;
using namespace std::chrono_literals;
using fixture = test::session_fixture;

CAF_TEST_FIXTURE_SCOPE(session_report_tests, fixture)

CAF_TEST(a session that has not begun says so) {
  start();
  auto known = report();
  CAF_CHECK_EQUAL(known.actor.name, "session");
  CAF_CHECK_EQUAL(known.actor.state, "starting");
  CAF_CHECK_EQUAL(known.connection.name, "connection");
  CAF_CHECK_EQUAL(known.connection.state, "open");
  CAF_CHECK_EQUAL(known.client_id, id);
  CAF_CHECK_EQUAL(known.dataset, "");
  CAF_CHECK(!known.session);
  CAF_CHECK(!known.batches_total);
  say(R"({"type":"hello","dataset":"others"})");
  known = report();
  CAF_CHECK_EQUAL(known.actor.state, "starting");
  CAF_CHECK_EQUAL(known.dataset, "others");
  CAF_CHECK(!known.session);
}

CAF_TEST(a session says how far it is) {
  open(R"({"type":"hello","client":"trainer","epochs":3})");
  auto known = report();
  CAF_CHECK_EQUAL(known.actor.state, "waiting");
  CAF_CHECK_EQUAL(known.batch_size, 10);
  CAF_CHECK_EQUAL(known.batches_total.value_or(0), 4);
  CAF_CHECK_EQUAL(known.window.size, 3u);
  CAF_CHECK_EQUAL(known.window.requested, 3u);
  CAF_CHECK_EQUAL(known.window.unsent, 0u);
  CAF_REQUIRE(known.session.has_value());
  CAF_CHECK_EQUAL(known.session->name, "trainer");
  CAF_CHECK(!known.session->seed);
  CAF_CHECK_EQUAL(known.session->epoch, 0u);
  CAF_CHECK_EQUAL(known.session->end_epoch.value_or(0), 3u);
  CAF_CHECK_EQUAL(known.session->position, 0);
  CAF_CHECK_EQUAL(known.session->samples.value_or(0), 35);
  CAF_CHECK_EQUAL(known.session->shard_count, 1);
  give_block(0);
  give_block(1);
  known = report();
  CAF_CHECK_EQUAL(known.actor.state, "sending");
  CAF_CHECK_EQUAL(known.window.requested, 1u);
  CAF_CHECK_EQUAL(known.window.unsent, 2u);
  CAF_CHECK_EQUAL(known.batch_index, 2);
  CAF_CHECK_EQUAL(known.session->position, 20);
  CAF_CHECK_EQUAL(known.batches, 0u);
  written(3);
  known = report();
  CAF_CHECK_EQUAL(known.actor.state, "waiting");
  CAF_CHECK_EQUAL(known.batches, 2u);
  CAF_CHECK_EQUAL(known.bytes, 300u);
}

CAF_TEST(the place is that of the next epoch when one is over) {
  blocks->has_all = true;
  options.window = {5, 5};
  open(R"({"type":"hello","epochs":3})");
  CAF_CHECK_EQUAL(last().at("type"), "epoch");
  const auto known = report();
  CAF_CHECK_EQUAL(known.session->epoch, 1u);
  CAF_CHECK_EQUAL(known.session->position, 0);
  CAF_CHECK_EQUAL(known.batch_index, 0);
}

CAF_TEST(a shuffle and a shard are shown) {
  open(R"({"type":"hello","batch_size":4,"shuffle":{"seed":99},"shard":{"index":1,"count":2},"epochs":0})");
  const auto known = report();
  CAF_REQUIRE(known.session.has_value());
  CAF_CHECK_EQUAL(known.session->seed.value_or(0), 99u);
  CAF_CHECK(!known.session->end_epoch);
  CAF_CHECK_EQUAL(known.session->shard_index, 1);
  CAF_CHECK_EQUAL(known.session->shard_count, 2);
  CAF_CHECK_EQUAL(known.batch_size, 4);
  CAF_CHECK_EQUAL(known.batches_total.value_or(0), 4);
  CAF_CHECK(!known.remaining);
}

CAF_TEST(samples that cannot be counted are not shown) {
  start();
  say(plain_hello);
  fail_description(status_code::unimplemented);
  give_block(0);
  const auto known = report();
  CAF_REQUIRE(known.session.has_value());
  CAF_CHECK(!known.session->samples);
  CAF_CHECK(!known.batches_total);
}

CAF_TEST(a session that has sent all is finishing) {
  blocks->has_all = true;
  options.window = {9, 9};
  open();
  CAF_CHECK_EQUAL(report().actor.state, "sending");
  CAF_CHECK_EQUAL(report().connection.state, "closing");
  written(7);
  CAF_CHECK_EQUAL(report().actor.state, "finishing");
  pass(60s);
  CAF_CHECK(report().slowest == bottleneck::none);
}

CAF_TEST(what is left takes as long as the present rate says) {
  blocks->dataset.samples = 1000;
  open(R"({"type":"hello","epochs":2})");
  CAF_CHECK(!report().remaining);
  for (auto i = 0; i < 20; ++i) {
    give_block(i);
    pass(500ms);
    written(i == 0 ? 2 : 1);
  }
  const auto known = report();
  CAF_REQUIRE(known.remaining.has_value());
  // 180 batches at about two a second.
  CAF_CHECK(*known.remaining > 60s && *known.remaining < 120s);
  pass(5s);
  CAF_CHECK(!report().remaining);
}

CAF_TEST(a session that waits for its batches waits for the upstream) {
  open();
  pass(4s);
  give_block(0);
  written(2);
  pass(4s);
  const auto known = report();
  CAF_CHECK(known.waited.upstream == 8s);
  CAF_CHECK(known.waited.socket == 0s);
  CAF_CHECK(known.slowest == bottleneck::upstream);
}

CAF_TEST(a client that takes nothing waits for its socket and is stalled after a while) {
  open();
  for (const auto i : {0, 1, 2})
    give_block(i);
  CAF_CHECK_EQUAL(report().actor.state, "sending");
  const auto took = pass_until([this] { return report().actor.state == "stalled"; });
  CAF_CHECK(took >= 3s);
  CAF_CHECK(report().stalled_for == took);
  CAF_CHECK(report().slowest == bottleneck::socket);
  // Part of a message is something.
  written(0);
  CAF_CHECK_EQUAL(report().actor.state, "sending");
  CAF_CHECK_EQUAL(report().batches, 0u);
}

CAF_TEST(sessions and what they sent are counted for all clients) {
  blocks->has_all = true;
  options.window = {9, 9};
  open();
  CAF_CHECK_EQUAL(test::counted(sys.metrics(), "dispatcher_sessions"), 1);
  written(7);
  lose_connection();
  const client_metrics counts{sys.metrics()};
  CAF_CHECK_EQUAL(counts.sent_batches->value(), 4);
  CAF_CHECK_EQUAL(counts.sent_bytes->value(), 700);
  CAF_CHECK_EQUAL(test::counted(sys.metrics(), "dispatcher_sessions"), 0);
  CAF_CHECK_EQUAL(test::counted(sys.metrics(), "dispatcher_error_frames_total"), 0);
}

CAF_TEST(sessions that end by an error are counted by its code) {
  open();
  fail_block(0, status_code::not_found);
  CAF_CHECK_EQUAL(test::counted(sys.metrics(), "dispatcher_error_frames_total{code=\"NOT_FOUND\"}"), 1);
}

CAF_TEST_FIXTURE_SCOPE_END()
