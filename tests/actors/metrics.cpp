#define CAF_SUITE metrics

#include "actors/metrics.hpp"

#include <caf/telemetry/metric_registry.hpp>
#include <caf/test/unit_test.hpp>

#include <cmath>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include "apps/dispatcher/group_metrics.hpp"
#include "tests/support/metrics_text.hpp"

using namespace dispatch;
using namespace std::chrono_literals;

namespace {

struct fixture {
  caf::telemetry::metric_registry registry;

  /// The value of one series, such as `name{label="value"}`.
  std::string value(const std::string& series) {
    std::istringstream lines{test::metrics_text(registry)};
    for (std::string line; std::getline(lines, line);)
      if (line.rfind(series + " ", 0) == 0)
        return line.substr(series.size() + 1, line.find(' ', series.size() + 1) - series.size() - 1);
    return "none";
  }
};

using names = std::set<std::string>;

/// Names of our families in the text that is scraped.
names published(const std::string& text) {
  names result;
  const std::regex type{"# TYPE (dispatcher_[a-z_]+) "};
  for (std::sregex_iterator i{text.begin(), text.end(), type}, end; i != end; ++i)
    result.insert((*i)[1]);
  return result;
}

/// Names of our families in the page's table.
names documented() {
  std::ifstream page{std::string{DISPATCHER_SOURCE_DIR} + "/docs/metrics.md"};
  CAF_REQUIRE(page.good());
  names result;
  const std::regex name{"`(dispatcher_[a-z_]+)`"};
  for (std::string line; std::getline(page, line);) {
    const auto cell = line.substr(0, line.find('|', 1));
    for (std::sregex_iterator i{cell.begin(), cell.end(), name}, end; i != end; ++i)
      result.insert((*i)[1]);
  }
  return result;
}

client_report client_at(std::int32_t index, std::optional<std::int32_t> total, double rate, const char* state) {
  client_report result;
  result.actor.state = state;
  result.batch_index = index;
  result.batches_total = total;
  result.batches_per_second = rate;
  result.slowest = bottleneck::socket;
  return result;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(metrics_tests, fixture)

CAF_TEST(all names are documented and all that is documented is there) {
  const client_metrics clients{registry};
  const order_metrics orders{registry};
  const listener_metrics listener{registry};
  const cache_metrics cache{registry};
  const upstream_metrics upstream{registry, "a:1"};
  make_retry_counters(registry);
  const event_metrics events{registry};
  service_gauges gauges{registry, "1.2.3"};
  service_report report;
  report.upstreams.push_back({});
  gauges.publish(report);
  CAF_CHECK_EQUAL(published(test::metrics_text(registry) + group_metrics(report)), documented());
}

CAF_TEST(who makes them twice counts in one place) {
  const cache_metrics first{registry};
  const cache_metrics second{registry};
  first.hits->inc();
  second.hits->inc(2);
  CAF_CHECK_EQUAL(count_of(first.hits), 3u);
  CAF_CHECK_EQUAL(value("dispatcher_cache_hits_total"), "3");
}

CAF_TEST(each way to fail has a counter for each upstream) {
  const upstream_metrics subject{registry, "a:1"};
  const upstream_metrics other{registry, "b:1"};
  subject.failures.count(status_code::unavailable);
  subject.failures.count(status_code::unavailable);
  subject.failures.count(status_code::cancelled);
  CAF_CHECK_EQUAL(value("dispatcher_upstream_failures_total{code=\"UNAVAILABLE\",upstream=\"a:1\"}"), "2");
  CAF_CHECK_EQUAL(value("dispatcher_upstream_failures_total{code=\"CANCELLED\",upstream=\"a:1\"}"), "1");
  CAF_CHECK_EQUAL(value("dispatcher_upstream_failures_total{code=\"NOT_FOUND\",upstream=\"a:1\"}"), "0");
  CAF_CHECK_EQUAL(value("dispatcher_upstream_failures_total{code=\"UNAVAILABLE\",upstream=\"b:1\"}"), "0");
}

CAF_TEST(events count by their level) {
  const event_metrics subject{registry};
  for (const auto level : {severity::debug, severity::info, severity::info, severity::warning, severity::error})
    subject.count(level);
  CAF_CHECK_EQUAL(value("dispatcher_events_total{level=\"info\"}"), "2");
  CAF_CHECK_EQUAL(value("dispatcher_events_total{level=\"warning\"}"), "1");
  CAF_CHECK_EQUAL(value("dispatcher_events_total{level=\"error\"}"), "1");
}

CAF_TEST(consumers are told by the least and the middle and the greatest) {
  service_gauges subject{registry, "1.2.3"};
  service_report report;
  report.clients.push_back(client_at(10, 100, 5, "sending"));
  report.clients.push_back(client_at(90, 100, 50, "stalled"));
  report.clients.push_back(client_at(50, 100, 20, "sending"));
  report.clients.push_back(client_at(7, std::nullopt, 1000, "waiting"));
  // One of whom nothing is known counts, and says nothing.
  report.clients.push_back(client_at(0, std::nullopt, 0, "no_answer"));
  report.clients[0].remaining = 18s;
  subject.publish(report);
  CAF_CHECK_EQUAL(std::stod(value("dispatcher_client_rate_batches_per_second{stat=\"min\"}")), 5.0);
  CAF_CHECK_EQUAL(std::stod(value("dispatcher_client_rate_batches_per_second{stat=\"max\"}")), 1000.0);
  CAF_CHECK_EQUAL(std::stod(value("dispatcher_client_progress_ratio{stat=\"median\"}")), 0.5);
  CAF_CHECK_EQUAL(std::stod(value("dispatcher_client_remaining_seconds{stat=\"max\"}")), 18.0);
  CAF_CHECK_EQUAL(value("dispatcher_clients{state=\"sending\"}"), "2");
  CAF_CHECK_EQUAL(value("dispatcher_clients{state=\"stalled\"}"), "1");
  CAF_CHECK_EQUAL(value("dispatcher_clients{state=\"no_answer\"}"), "1");
  CAF_CHECK_EQUAL(value("dispatcher_clients_by_bottleneck{bottleneck=\"socket\"}"), "5");
  subject.publish({});
  CAF_CHECK(std::isnan(std::stod(value("dispatcher_client_progress_ratio{stat=\"median\"}"))));
  CAF_CHECK_EQUAL(value("dispatcher_clients{state=\"sending\"}"), "0");
}

CAF_TEST(the addresses of a name are counted together) {
  service_gauges subject{registry, "1.2.3"};
  service_report report;
  for (const auto* address : {"gpu/10.0.0.1:1", "gpu/10.0.0.2:1"}) {
    upstream_report upstream;
    upstream.address = address;
    upstream.name = "dns:gpu:1";
    upstream.calls_in_flight = 2;
    upstream.limit = 3;
    report.upstreams.push_back(upstream);
  }
  report.upstreams.front().up = true;
  subject.publish(report);
  CAF_CHECK_EQUAL(value("dispatcher_upstream_up{upstream=\"dns:gpu:1\"}"), "1");
  CAF_CHECK_EQUAL(value("dispatcher_upstream_calls_in_flight{upstream=\"dns:gpu:1\"}"), "4");
  CAF_CHECK_EQUAL(value("dispatcher_upstream_call_limit{upstream=\"dns:gpu:1\"}"), "6");
  report.upstreams.front().up = false;
  subject.publish(report);
  CAF_CHECK_EQUAL(value("dispatcher_upstream_up{upstream=\"dns:gpu:1\"}"), "0");
}

CAF_TEST_FIXTURE_SCOPE_END()
