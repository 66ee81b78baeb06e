#define CAF_SUITE count_log

#include "actors/count_log.hpp"

#include <caf/test/dsl.hpp>

#include "tests/support/event_recorder.hpp"

using namespace dispatch;
using namespace std::chrono_literals;

namespace {

service_report some_report() {
  service_report result;
  result.connected = 3;
  result.accepted = 5;
  result.queued = 7;
  upstream_report upstream;
  upstream.address = "a:1";
  upstream.failures = {{status_code::internal, 2}, {status_code::unavailable, 3}};
  upstream.fetchers.resize(2);
  upstream.fetchers[1].state = "up";
  result.upstreams = {upstream};
  return result;
}

/// Answers when it is told to.
struct fake_inspector_state {
  explicit fake_inspector_state(inspector_actor::pointer self) : self(self) {}

  inspector_actor::behavior_type make_behavior() {
    return {
      [this](get_service_report) -> caf::result<service_report> {
        promises.push_back(self->make_response_promise<service_report>());
        return promises.back();
      },
      [](get_health_report) { return health_report{}; },
      [](get_latest_batch) { return latest_batch{}; },
      [](const get_history&) { return history_report{}; },
    };
  }

  inspector_actor::pointer self;
  std::vector<caf::typed_response_promise<service_report>> promises;
};

using fake_inspector = inspector_actor::stateful_impl<fake_inspector_state>;

struct fixture : test_coordinator_fixture<> {
  std::shared_ptr<test::event_recorder> log = std::make_shared<test::event_recorder>();
  inspector_actor inspector = sys.spawn<fake_inspector>();

  void ask() {
    log_counts(sys, inspector, log);
    sched.run();
  }

  /// Answers the latest request.
  void answer(const service_report& report) {
    auto& promises = deref<fake_inspector>(inspector).state.promises;
    caf::anon_send(caf::actor_cast<caf::actor>(inspector),
                   caf::make_action([promise = promises.back(), report]() mutable { promise.deliver(report); }));
    sched.run();
  }

  ~fixture() override {
    anon_send_exit(inspector, caf::exit_reason::kill);
    sched.run();
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(count_log_tests, fixture)

CAF_TEST(a report has the counts of every part) {
  ask();
  answer(some_report());
  CAF_REQUIRE_EQUAL(log->named("client_counts").size(), 1u);
  CAF_CHECK_EQUAL(log->named("client_counts")[0].fields.at("clients"), "3");
  CAF_CHECK_EQUAL(log->named("cache_counts").size(), 1u);
  CAF_REQUIRE_EQUAL(log->named("upstream_counts").size(), 1u);
  const auto upstream = log->named("upstream_counts")[0].fields;
  CAF_CHECK_EQUAL(upstream.at("queued"), "7");
  CAF_CHECK_EQUAL(upstream.at("failed_calls"), "5");
  CAF_CHECK_EQUAL(upstream.at("live_fetchers"), "1");
  CAF_CHECK_EQUAL(log->named("actor_counts").size(), 1u);
}

CAF_TEST(a part that does not answer is named and has no counts) {
  ask();
  auto report = some_report();
  report.unanswered = {"listener"};
  answer(report);
  CAF_REQUIRE_EQUAL(log->named("report_failed").size(), 1u);
  CAF_CHECK_EQUAL(log->named("report_failed")[0].fields.at("part"), "listener");
  CAF_CHECK(log->named("client_counts").empty());
  CAF_CHECK_EQUAL(log->named("upstream_counts").size(), 1u);
  CAF_CHECK_EQUAL(log->named("actor_counts").size(), 1u);
}

CAF_TEST(without an inspector that answers the log says so) {
  ask();
  advance_time(count_log_timeout);
  sched.run();
  CAF_REQUIRE_EQUAL(log->named("report_failed").size(), 1u);
  CAF_CHECK_EQUAL(log->named("report_failed")[0].fields.at("part"), "inspector");
  CAF_CHECK_EQUAL(log->named("actor_counts").size(), 1u);
}

CAF_TEST(an inspector that ends is waited for no longer) {
  ask();
  anon_send_exit(inspector, caf::exit_reason::user_shutdown);
  sched.run();
  CAF_CHECK_EQUAL(log->named("report_failed").size(), 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()
