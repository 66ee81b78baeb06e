#define CAF_SUITE recorder

#include "actors/recorder.hpp"

#include <caf/telemetry/metric_registry.hpp>
#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

using namespace dispatch;
using namespace std::chrono_literals;

namespace {

struct fixture {
  caf::telemetry::metric_registry registry;
  client_metrics clients{registry};
  listener_metrics listener{registry};
  event_metrics events{registry};
  std::chrono::steady_clock::time_point now{1h};
  std::chrono::system_clock::time_point at{1000s};
  recorder subject{registry, now};

  void pass(std::chrono::seconds time) {
    now += time;
    at += time;
    subject.sample(now, at);
  }

  /// The last `count` values of a series, the newest last.
  std::vector<double> values(const std::string& name, int count) {
    const auto report = subject.report(std::chrono::seconds{count}, at + 1s);
    const auto found =
      std::find_if(report.series.begin(), report.series.end(), [&](const auto& each) { return each.name == name; });
    CAF_REQUIRE(found != report.series.end());
    return found->values;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(recorder_tests, fixture)

CAF_TEST(counters become rates) {
  clients.sent_batches->inc(50);
  clients.waited_for_upstream->inc(0.5);
  pass(1s);
  clients.sent_batches->inc(20);
  pass(1s);
  CAF_CHECK(values("batches_per_second", 2) == (std::vector<double>{50, 20}));
  CAF_CHECK(values("waiting_upstream", 2) == (std::vector<double>{0.5, 0}));
}

CAF_TEST(what was before the start does not count) {
  clients.sent_batches->inc(50);
  recorder later{registry, now};
  later.sample(now + 1s, at + 1s);
  const auto report = later.report(1s, at + 2s);
  CAF_CHECK_EQUAL(report.series.front().name, "batches_per_second");
  CAF_CHECK_EQUAL(report.series.front().values.back(), 0.0);
}

CAF_TEST(consumers are those that were accepted and have not ended) {
  listener.accepted->inc(5);
  listener.refused->inc(1);
  clients.ended(pass_outcome::complete)->inc(1);
  clients.ended(pass_outcome::lost)->inc(1);
  clients.held_up->inc(2);
  pass(1s);
  CAF_CHECK_EQUAL(values("clients", 1).back(), 2.0);
  CAF_CHECK_EQUAL(values("held_up", 1).back(), 2.0);
}

CAF_TEST(lines of the log are counted and time without a sample is a gap) {
  events.count(severity::warning);
  events.count(severity::error);
  events.count(severity::error);
  pass(3s);
  const auto errors = values("errors", 2);
  CAF_CHECK(std::isnan(errors[0]));
  CAF_CHECK_EQUAL(errors[1], 2.0);
  CAF_CHECK_EQUAL(values("warnings", 1).back(), 1.0);
}

CAF_TEST(more than an hour is told by the minute) {
  for (auto i = 0; i < 200; ++i) {
    clients.sent_batches->inc(6);
    pass(1s);
  }
  const auto report = subject.report(7200s, at);
  CAF_CHECK(report.step == 60s);
  CAF_CHECK(report.ends_at <= at && report.ends_at > at - 60s);
  CAF_CHECK_EQUAL(report.series.front().values.size(), 120u);
  CAF_CHECK(std::abs(report.series.front().values.back() - 6) < 0.001);
}

CAF_TEST_FIXTURE_SCOPE_END()
