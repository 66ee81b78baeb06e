#define CAF_SUITE session_waits

#include "actors/session/session_port.hpp"

#include "tests/actors/session/session_fixture.hpp"

using namespace dispatch;
using namespace std::chrono_literals;

namespace {

constexpr const char* no_reason = "the dataset service has not given what is next";

struct fixture : test::session_fixture {
  /// A session whose client has read all that there is.
  void open_and_read() {
    open();
    written(1);
  }

  static upstream_report upstream(std::string address, bool is_up, std::string failure) {
    upstream_report result;
    result.address = std::move(address);
    result.up = is_up;
    result.last_failure = std::move(failure);
    return result;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(session_waits_tests, fixture)

CAF_TEST(a client is told after a second for whom it waits) {
  open_and_read();
  pass(950ms);
  tick();
  CAF_CHECK_EQUAL(types(), (words{"welcome"}));
  pass(50ms);
  tick();
  CAF_REQUIRE_EQUAL(types(), (words{"welcome", "wait"}));
  CAF_CHECK(last() == (json{{"type", "wait"}, {"for", "upstream"}, {"seconds", 1.0}, {"why", no_reason}}));
}

CAF_TEST(it is told again every five seconds) {
  open_and_read();
  std::vector<int> told_at;
  for (auto second = 1; second <= 17; ++second) {
    pass_with_ticks(1s);
    if (sent->lines.size() == told_at.size() + 1)
      continue;
    told_at.push_back(second);
    CAF_CHECK(last().at("seconds") == static_cast<double>(second));
    written(1);
  }
  CAF_CHECK_EQUAL(told_at, (std::vector<int>{1, 6, 11, 16}));
}

CAF_TEST(the reasons are those of the upstreams that are down) {
  pool->upstreams = {upstream("one:1", false, "connection refused"), upstream("two:1", true, "an old failure"),
                     upstream("three:1", false, ""), upstream("four:1", false, "no such host")};
  open_and_read();
  pass_with_ticks(1s);
  CAF_CHECK_EQUAL(last().at("why"), "one:1: connection refused; four:1: no such host");
}

CAF_TEST(without a pool there is no reason) {
  has_pool = false;
  open_and_read();
  pass_with_ticks(1s);
  CAF_CHECK_EQUAL(last().at("type"), "wait");
  CAF_CHECK_EQUAL(last().at("why"), no_reason);
}

CAF_TEST(a pool that does not answer keeps nobody from being told) {
  start();
  anon_send_exit(pool_actor, caf::exit_reason::kill);
  say(plain_hello);
  describe();
  give_block(0);
  written(1);
  pass_with_ticks(2s);
  CAF_CHECK_EQUAL(last().at("type"), "wait");
  CAF_CHECK_EQUAL(last().at("why"), no_reason);
}

CAF_TEST(a client that waits for its welcome is told too) {
  start();
  pass(3s);
  say(plain_hello);
  pass_with_ticks(1s);
  CAF_CHECK_EQUAL(types(), (words{"wait"}));
  written(1);
  describe();
  pass_with_ticks(5s);
  CAF_CHECK_EQUAL(types(), (words{"wait", "wait"}));
  written(1);
  give_block(0);
  CAF_CHECK_EQUAL(types(), (words{"wait", "wait", "welcome"}));
}

CAF_TEST(a client that has not read what it has waits for nobody) {
  open();
  give_block(0);
  pass_with_ticks(20s);
  written(1);
  pass_with_ticks(20s);
  CAF_CHECK_EQUAL(types(), (words{"welcome", "batch"}));
  CAF_CHECK_EQUAL(pool->questions, 0u);
}

CAF_TEST(a client that has read waits from then on) {
  open();
  give_block(0);
  pass_with_ticks(20s);
  written(2);
  pass(950ms);
  tick();
  CAF_CHECK_EQUAL(types(), (words{"welcome", "batch"}));
  pass(50ms);
  tick();
  CAF_CHECK_EQUAL(types(), (words{"welcome", "batch", "wait"}));
}

CAF_TEST(the seconds of a wait are those that the client has waited) {
  open();
  give_block(0);
  // The next blocks were asked for meanwhile, and the client was not ready for them.
  pass_with_ticks(20s);
  written(2);
  pass_with_ticks(1s);
  CAF_REQUIRE_EQUAL(types(), (words{"welcome", "batch", "wait"}));
  CAF_CHECK(last().at("seconds") == 1.0);
}

CAF_TEST(a batch that comes while the reason is asked for says more) {
  open_and_read();
  pass(1s);
  const auto taker = taker_of(0);
  anon_send(session, consumer_tick{});
  anon_send(taker, batches_arrived{{blocks->dataset.block_at(0)}});
  sched.run();
  CAF_CHECK_EQUAL(types(), (words{"welcome", "batch"}));
}

CAF_TEST(after a batch the next wait is told after a second again) {
  open_and_read();
  pass_with_ticks(1s);
  written(1);
  give_block(0);
  written(1);
  pass_with_ticks(1s);
  CAF_CHECK_EQUAL(types(), (words{"welcome", "wait", "batch", "wait"}));
}

CAF_TEST(nobody is told anything after the end) {
  open_and_read();
  say(R"({"type":"bye"})");
  pass_with_ticks(20s);
  CAF_CHECK_EQUAL(types(), (words{"welcome"}));
}

CAF_TEST_FIXTURE_SCOPE_END()
