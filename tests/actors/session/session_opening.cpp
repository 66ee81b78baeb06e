#define CAF_SUITE session_opening

#include "actors/session/session_opening.hpp"

#include "tests/actors/session/session_fixture.hpp"

using namespace dispatch;
using namespace std::chrono_literals;

CAF_TEST_FIXTURE_SCOPE(session_opening_tests, test::session_fixture)

CAF_TEST(a dataset that is not there has no session) {
  start();
  say(plain_hello);
  fail_description(status_code::not_found);
  fail_block(0, status_code::not_found);
  CAF_CHECK(failed_with("NOT_FOUND", "for the test"));
  CAF_CHECK(last().at("cursor").is_null());
}

CAF_TEST(a description that does not come in time ends the session) {
  start();
  say(plain_hello);
  CAF_CHECK(blocks->described.at(0).until == sched.clock().now() + 60s);
  fail_description(status_code::unavailable);
  CAF_CHECK(failed_with("UNAVAILABLE", "for the test"));
}

CAF_TEST(a description that comes late is waited for) {
  start();
  say(plain_hello);
  fail_description(status_code::deadline_exceeded);
  CAF_CHECK_EQUAL(blocks->described.size(), 2u);
  CAF_CHECK(sent->lines.empty());
  describe();
  give_block(0);
  CAF_CHECK(message(0).at("samples") == 35);
}

CAF_TEST(a description that is still late at the deadline ends the session) {
  start();
  say(plain_hello);
  pass_with_ticks(60s);
  fail_description(status_code::deadline_exceeded);
  CAF_CHECK(failed_with("UNAVAILABLE", "has not described 'numbers'"));
  CAF_CHECK_EQUAL(blocks->described.size(), 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()
