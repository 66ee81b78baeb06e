#define CAF_SUITE session_ends

#include "actors/session/session_port.hpp"

#include "tests/actors/session/session_fixture.hpp"
#include "tests/support/metrics_text.hpp"

using namespace dispatch;
using namespace std::chrono_literals;

namespace {

struct fixture : test::session_fixture {
  /// Where the last message says that another session goes on, in the first epoch.
  std::int64_t goes_on_at() const {
    const auto place = place_of(last());
    CAF_CHECK_EQUAL(place.first, 0u);
    return place.second;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(session_ends_tests, fixture)

// -- what cannot be had -----------------------------------------------------------------------------------------------

CAF_TEST(a block that fails ends the session behind the batches before it) {
  open();
  fail_block(1, status_code::internal);
  CAF_CHECK_EQUAL(types(), (words{"welcome"}));
  give_block(0);
  CAF_CHECK_EQUAL(types(), (words{"welcome", "batch", "error"}));
  CAF_CHECK(failed_with("INTERNAL", "for the test"));
  CAF_CHECK_EQUAL(goes_on_at(), 10);
  CAF_CHECK(!sent->dropped);
  give_block(2);
  CAF_CHECK_EQUAL(sent->lines.size(), 3u);
  lose_connection();
  CAF_CHECK_EQUAL(end().fields.at("outcome"), "error");
  CAF_CHECK_EQUAL(log->named("client_error").at(0).fields.at("code"), "INTERNAL");
}

CAF_TEST(rows that fail end the session behind the batches before them) {
  open(fours_hello);
  const auto asked = tickets();
  fail_rows(asked[1], status_code::not_found);
  CAF_CHECK_EQUAL(types(), (words{"welcome"}));
  give_rows(asked[0]);
  CAF_CHECK_EQUAL(types(), (words{"welcome", "batch", "error"}));
  CAF_CHECK(failed_with("NOT_FOUND", "for the test"));
  CAF_CHECK_EQUAL(goes_on_at(), 4);
}

CAF_TEST(a block whose time is over before its turn gets new time) {
  open();
  const auto now = sched.clock().now();
  blocks->questions.clear();
  pass(60s);
  fail_block(1, status_code::unavailable);
  CAF_CHECK(!sent->finished);
  CAF_REQUIRE_EQUAL(blocks->questions.size(), 1u);
  CAF_CHECK_EQUAL(blocks->questions[0].first.index, 1);
  CAF_CHECK(blocks->questions[0].until == now + 120s);
  give_block(0);
  give_block(1);
  CAF_CHECK_EQUAL(types(), (words{"welcome", "batch", "batch"}));
}

CAF_TEST(rows whose time is over before their turn get new time) {
  open(fours_hello);
  const auto now = sched.clock().now();
  const auto asked = tickets();
  pass(60s);
  fail_rows(asked[1], status_code::unavailable);
  CAF_CHECK(!sent->finished);
  CAF_CHECK_EQUAL(tickets(), asked);
  CAF_CHECK(orders->questions.back().until == now + 120s);
  give_rows(asked[0]);
  give_rows(asked[1]);
  CAF_CHECK_EQUAL(types(), (words{"welcome", "batch", "batch"}));
}

CAF_TEST(a batch whose time is over in its turn ends the session) {
  open();
  give_block(0);
  fail_block(1, status_code::unavailable);
  CAF_CHECK(failed_with("UNAVAILABLE", "for the test"));
  CAF_CHECK_EQUAL(goes_on_at(), 10);
}

CAF_TEST(rows whose time is over in their turn end the session) {
  open(fours_hello);
  fail_rows(tickets()[0], status_code::unavailable);
  CAF_CHECK(failed_with("UNAVAILABLE", "for the test"));
  CAF_CHECK_EQUAL(goes_on_at(), 0);
}

CAF_TEST(a block of another size ends the session and both sizes are named) {
  open();
  auto other = blocks->dataset;
  other.samples = 9;
  give_block(0, other.block_at(0));
  CAF_CHECK(failed_with("FAILED_PRECONDITION", "block 0 has 18 bytes where 10 rows of 2 bytes are due"));
}

// -- no answer --------------------------------------------------------------------------------------------------------

CAF_TEST(a batch for which no answer comes ends the session) {
  open();
  give_block(0);
  written(2);
  // The source has some time more than it was given.
  pass_with_ticks(63s);
  CAF_CHECK(!sent->finished);
  pass_with_ticks(1s);
  CAF_CHECK(failed_with("DEADLINE_EXCEEDED", "no answer for what is next in this session"));
  CAF_CHECK_EQUAL(goes_on_at(), 10);
}

CAF_TEST(a hello for which no answer comes ends the session) {
  start();
  say(plain_hello);
  pass_with_ticks(63s);
  CAF_CHECK(!sent->finished);
  pass_with_ticks(1s);
  CAF_CHECK(failed_with("DEADLINE_EXCEEDED", "no answer"));
  CAF_CHECK(last().at("cursor").is_null());
}

CAF_TEST(a session without a limit waits) {
  options.give_up_after = 0ms;
  open();
  CAF_CHECK(blocks->questions.back().until == no_deadline);
  pass_with_ticks(300s);
  CAF_CHECK(!sent->finished);
}

CAF_TEST(time in which the process stood still counts for nothing) {
  options.ran = std::make_shared<const run_clock>(sched.clock().now());
  open();
  pass(300s);
  tick();
  CAF_CHECK(!sent->finished);
}

// -- the client and its connection ------------------------------------------------------------------------------------

CAF_TEST(a client that has stalled gets an error in the place of what has not left) {
  open();
  give_block(0);
  give_block(1);
  written(2);
  sent->left = 2;
  anon_send(session, peer_stalled{30s});
  sched.run();
  CAF_CHECK_EQUAL(types(), (words{"welcome", "batch", "error"}));
  CAF_CHECK(failed_with("DEADLINE_EXCEEDED", "took nothing for 30 s (--stall-timeout)"));
  CAF_CHECK_EQUAL(goes_on_at(), 10);
  lose_connection();
  CAF_CHECK_EQUAL(end().fields.at("outcome"), "stalled");
  CAF_CHECK_EQUAL(end().fields.at("cursor"), message(1).at("cursor").get<std::string>());
}

CAF_TEST(a batch that has begun to leave is not cut) {
  open();
  give_block(0);
  give_block(1);
  written(1);
  // Part of the first batch has left.
  sent->left = 2;
  anon_send(session, peer_stalled{30s});
  sched.run();
  CAF_CHECK_EQUAL(types(), (words{"welcome", "batch", "error"}));
  CAF_CHECK_EQUAL(goes_on_at(), 10);
}

CAF_TEST(nothing is in the place of a session that has left whole) {
  blocks->has_all = true;
  options.window = {9, 9};
  open();
  sent->left = 7;
  anon_send(session, peer_stalled{30s});
  sched.run();
  CAF_CHECK_EQUAL(last().at("type"), "eof");
}

CAF_TEST(a session goes with its connection and leaves nothing behind) {
  open(fours_hello);
  give_rows(tickets()[0]);
  give_rows(tickets()[0]);
  written(2);
  CAF_CHECK_EQUAL(test::counted(sys.metrics(), "dispatcher_sessions"), 1);
  const auto running = sys.registry().running();
  anon_send(connection, abort_connection{});
  sched.run();
  CAF_CHECK_EQUAL(sys.registry().running(), running - 2);
  CAF_CHECK_EQUAL(test::counted(sys.metrics(), "dispatcher_sessions"), 0);
  CAF_CHECK(log->named("connection_failed").empty());
  CAF_CHECK_EQUAL(end().fields.at("outcome"), "lost");
  CAF_CHECK_EQUAL(end().fields.at("batches"), "1");
  CAF_CHECK_EQUAL(end().fields.at("cursor"), message(1).at("cursor").get<std::string>());
}

CAF_TEST(a connection that fails is an event of its own) {
  open();
  self->send_exit(connection, caf::make_error(caf::sec::runtime_error, "for the test"));
  sched.run();
  const auto failures = log->named("connection_failed");
  CAF_REQUIRE_EQUAL(failures.size(), 1u);
  CAF_CHECK_EQUAL(failures[0].fields.at("client"), id);
  CAF_CHECK(failures[0].fields.at("message").find("for the test") != std::string::npos);
}

CAF_TEST(a session whose last messages did not leave was not complete) {
  blocks->has_all = true;
  options.window = {9, 9};
  open();
  written(6);
  lose_connection();
  CAF_CHECK_EQUAL(end().fields.at("outcome"), "lost");
}

// -- the assembler ----------------------------------------------------------------------------------------------------

CAF_TEST(an assembler that dies is looked for again and asked for all that is awaited) {
  open(fours_hello);
  const auto asked = tickets();
  give_rows(asked[0]);
  kill_assembler();
  CAF_CHECK_EQUAL(orders->opened.size(), 2u);
  CAF_CHECK_EQUAL(tickets(), (std::vector<std::uint64_t>{asked[1], asked[2]}));
  give_rows(asked[2]);
  give_rows(asked[1]);
  CAF_CHECK_EQUAL(types(), (words{"welcome", "batch", "batch", "batch"}));
  CAF_CHECK(last().at("position") == 8);
}

CAF_TEST(an assembler that dies again and again ends the session) {
  open(fours_hello);
  give_rows(tickets()[0]);
  for (auto i = 0; i < 3; ++i)
    kill_assembler();
  CAF_CHECK_EQUAL(types(), (words{"welcome", "batch"}));
  CAF_CHECK_EQUAL(orders->opened.size(), 4u);
  kill_assembler();
  CAF_CHECK(failed_with("INTERNAL", "the dispatcher failed on this order"));
  CAF_CHECK_EQUAL(goes_on_at(), 4);
  CAF_CHECK_EQUAL(orders->opened.size(), 4u);
}

CAF_TEST(an assembler that brings something between its deaths may die any number of times) {
  open(fours_hello);
  for (auto i = 0; i < 8; ++i) {
    give_rows(tickets()[0]);
    written(1);
    kill_assembler();
  }
  CAF_CHECK(!sent->finished);
}

CAF_TEST(without an order directory there is no session) {
  start();
  anon_send_exit(directory, caf::exit_reason::kill);
  say(fours_hello);
  describe();
  give_block(0);
  CAF_CHECK_EQUAL(types(), (words{"welcome", "error"}));
  CAF_CHECK(sent->finished);
}

CAF_TEST_FIXTURE_SCOPE_END()
