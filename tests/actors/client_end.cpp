#define CAF_SUITE client_end

#include "actors/client.hpp"

#include "tests/actors/client_fixture.hpp"

using namespace dispatch;
using namespace std::chrono_literals;
using fixture = test::client_fixture;

CAF_TEST_FIXTURE_SCOPE(client_end_tests, fixture)

CAF_TEST(a connection that fails is an event of its own) {
  start();
  describe(1000);
  self->send_exit(connection, caf::make_error(caf::sec::runtime_error, "for the test"));
  sched.run();
  const auto failures = log->named("connection_failed");
  CAF_REQUIRE_EQUAL(failures.size(), 1u);
  CAF_CHECK_EQUAL(failures[0].fields.at("client"), "client_1.2.3.4:5");
  CAF_CHECK(failures[0].fields.at("message").find("for the test") != std::string::npos);
  CAF_CHECK_EQUAL(log->named("client_end").at(0).fields.at("outcome"), "lost");
}

CAF_TEST(a client that leaves in the middle is logged as lost and leaves nothing behind) {
  start();
  describe(1000);
  answer(0);
  written(1);
  anon_send(client, peer_lost{"Connection reset by peer"});
  lose_connection();
  const auto ends = log->named("client_end");
  CAF_REQUIRE_EQUAL(ends.size(), 1u);
  CAF_CHECK_EQUAL(ends[0].fields.at("why"), "Connection reset by peer");
  CAF_CHECK_EQUAL(ends[0].fields.at("outcome"), "lost");
  CAF_CHECK_EQUAL(ends[0].fields.at("batches"), "1");
}

CAF_TEST(a stream whose last frames did not leave was not complete) {
  start();
  describe(10);
  answer(0);
  CAF_CHECK(sent->finished);
  lose_connection();
  CAF_CHECK_EQUAL(log->named("client_end").at(0).fields.at("outcome"), "lost");
}

CAF_TEST(credit that came before the end is counted) {
  start();
  describe(10);
  answer(0);
  // Both are in the mailbox when the client looks.
  anon_send(caf::actor_cast<caf::actor>(connection), caf::make_action([this] {
              anon_send(client, messages_sent{1, 100});
              anon_send_exit(connection, caf::exit_reason::user_shutdown);
            }));
  sched.run();
  CAF_CHECK_EQUAL(log->named("client_end").at(0).fields.at("outcome"), "complete");
}

CAF_TEST(a drained pass ends with an error in the place of what has not left) {
  start();
  describe(1000);
  for (const auto i : {0, 1, 2})
    answer(i);
  sent->left = 2;
  anon_send(client, end_pass{status_code::unavailable, "draining"});
  sched.run();
  CAF_CHECK_EQUAL(sent->text(),
                  line(0, false) + line(1, false)
                    + encode_classic_error(2, "client_1.2.3.4:5", {status_code::unavailable, "draining"}));
  CAF_CHECK(sent->finished);
  lose_connection();
  CAF_CHECK_EQUAL(log->named("client_end").at(0).fields.at("outcome"), "drained");
}

CAF_TEST(nothing follows a pass that has left whole) {
  start();
  describe(5);
  answer(0);
  sent->left = 1;
  anon_send(client, end_pass{status_code::unavailable, "draining"});
  sched.run();
  CAF_CHECK(sent->dropped);
  CAF_CHECK_EQUAL(sent->text(), line(0, true));
  CAF_CHECK(sent->finished);
}

CAF_TEST(a client whose consumer has stalled ends its pass with an error) {
  start();
  describe(100);
  answer(0);
  anon_send(client, peer_stalled{30s});
  sched.run();
  CAF_CHECK(ended_with("DEADLINE_EXCEEDED", "took nothing for 30 s (--stall-timeout)"));
  CAF_REQUIRE_EQUAL(log->named("client_error").size(), 1u);
  CAF_CHECK_EQUAL(log->named("client_error")[0].fields.at("code"), "DEADLINE_EXCEEDED");
  lose_connection();
  CAF_CHECK_EQUAL(log->named("client_end").at(0).fields.at("outcome"), "stalled");
}

CAF_TEST(a consumer that stalls at the end of its pass has stalled too) {
  start();
  describe(5);
  answer(0);
  CAF_CHECK(sent->finished);
  anon_send(client, peer_stalled{30s});
  sched.run();
  CAF_CHECK(ended_with("DEADLINE_EXCEEDED", "took nothing"));
  lose_connection();
  CAF_CHECK_EQUAL(log->named("client_end").at(0).fields.at("outcome"), "stalled");
}

CAF_TEST(an error is no batch that was sent) {
  start();
  describe(1000);
  answer(0);
  fail(1, status_code::internal);
  written(2);
  CAF_CHECK_EQUAL(report().batches, 1u);
}

CAF_TEST(a pass ends once) {
  start();
  anon_send(client, end_pass{status_code::unavailable, "draining"});
  sched.run();
  fail_description(status_code::unavailable);
  sent->left = 1;
  anon_send(client, end_pass{status_code::unavailable, "draining"});
  sched.run();
  CAF_CHECK_EQUAL(sent->lines.size(), 1u);
  CAF_CHECK_EQUAL(log->named("client_error").size(), 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()
