#define CAF_SUITE reporter

#include "actors/reporter.hpp"

#include <caf/test/dsl.hpp>

#include "tests/support/event_recorder.hpp"

using namespace dispatch;
using namespace std::chrono_literals;

namespace {

/// Answers at once, or never.
struct fake_listener_state {
  fake_listener_state(listener_actor::pointer self, bool answers) : self(self), answers(answers) {}

  listener_actor::behavior_type make_behavior() {
    return {
      [](const connection_opened&) {},
      [](const drain_clients&) {},
      [this](get_listener_stats) -> caf::result<listener_stats> {
        ++asked;
        if (answers)
          return listener_stats{3, 5, 2};
        promises.push_back(self->make_response_promise<listener_stats>());
        return promises.back();
      },
      [](const source_ready&) {},
    };
  }

  listener_actor::pointer self;
  bool answers;
  int asked = 0;
  std::vector<caf::typed_response_promise<listener_stats>> promises;
};

using fake_listener = listener_actor::stateful_impl<fake_listener_state>;

frame_cache_supervisor_actor::behavior_type fake_cache() {
  return {
    [](const follow_source&) {},
    [](get_cache_stats) -> caf::result<cache_stats> { return cache_stats{}; },
  };
}

fetcher_pool_actor::behavior_type fake_pool() {
  return {
    [](const describe_dataset&) -> caf::result<described_dataset> { return described_dataset{}; },
    [](const fetch_frame&) -> caf::result<frame_ptr> { return frame_ptr{}; },
    [](const withdraw_fetch&) {},
    [](const open_stream&) -> caf::result<stream_opened> { return caf::make_error(caf::sec::runtime_error); },
    [](hasten_restarts) {},
    [](get_pool_stats) -> caf::result<pool_stats> {
      upstream_stats one;
      one.address = "a:1";
      return pool_stats{{one}, 7};
    },
  };
}

struct fixture : test_coordinator_fixture<> {
  std::shared_ptr<test::event_recorder> log = std::make_shared<test::event_recorder>();
  frame_cache_supervisor_actor cache = sys.spawn(fake_cache);
  fetcher_pool_actor pool = sys.spawn(fake_pool);
  listener_actor listener;
  reporter_actor reporter;

  void start(bool listener_answers) {
    listener = sys.spawn<fake_listener>(listener_answers);
    reporter = sys.spawn<reporter_impl>(listener, cache, pool, log);
    sched.run();
  }

  void ask() {
    anon_send(reporter, write_report{});
    sched.run();
  }

  ~fixture() override {
    for (const auto& part : {caf::actor_cast<caf::actor>(reporter), caf::actor_cast<caf::actor>(listener),
                             caf::actor_cast<caf::actor>(cache), caf::actor_cast<caf::actor>(pool)})
      anon_send_exit(part, caf::exit_reason::kill);
    sched.run();
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(reporter_tests, fixture)

CAF_TEST(a report has the counts of every part) {
  start(true);
  ask();
  CAF_REQUIRE_EQUAL(log->named("client_counts").size(), 1u);
  CAF_CHECK_EQUAL(log->named("client_counts")[0].fields.at("clients"), "3");
  CAF_CHECK_EQUAL(log->named("cache_counts").size(), 1u);
  CAF_REQUIRE_EQUAL(log->named("upstream_counts").size(), 1u);
  CAF_CHECK_EQUAL(log->named("upstream_counts")[0].fields.at("queued"), "7");
  CAF_CHECK_EQUAL(log->named("actor_counts").size(), 1u);
}

CAF_TEST(a part that does not answer is named and the others are asked all the same) {
  start(false);
  ask();
  CAF_CHECK_EQUAL(log->named("report_failed").size(), 0u);
  advance_time(5s);
  sched.run();
  CAF_REQUIRE_EQUAL(log->named("report_failed").size(), 1u);
  CAF_CHECK_EQUAL(log->named("report_failed")[0].fields.at("part"), "listener");
  CAF_CHECK_EQUAL(log->named("upstream_counts").size(), 1u);
  CAF_CHECK_EQUAL(log->named("actor_counts").size(), 1u);
}

CAF_TEST(what is asked for while a report is written is one more) {
  start(false);
  for (auto i = 0; i < 3; ++i)
    ask();
  CAF_CHECK_EQUAL(deref<fake_listener>(listener).state.asked, 1);
  advance_time(5s);
  sched.run();
  CAF_CHECK_EQUAL(deref<fake_listener>(listener).state.asked, 2);
  CAF_CHECK_EQUAL(log->named("actor_counts").size(), 1u);
  advance_time(5s);
  sched.run();
  CAF_CHECK_EQUAL(deref<fake_listener>(listener).state.asked, 2);
  CAF_CHECK_EQUAL(log->named("actor_counts").size(), 2u);
}

CAF_TEST(a reporter that is told to go does not wait for answers) {
  start(false);
  ask();
  self->monitor(reporter);
  anon_send_exit(reporter, caf::exit_reason::user_shutdown);
  sched.run();
  auto gone = false;
  self->receive([&](const caf::down_msg&) { gone = true; }, caf::after(0s) >> [] {});
  CAF_CHECK(gone);
}

CAF_TEST_FIXTURE_SCOPE_END()
