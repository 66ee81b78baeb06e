#define CAF_SUITE metrics_page

#include "apps/dispatcher/metrics_page.hpp"

#include <caf/test/unit_test.hpp>

#include <string>

#include "tests/io/admin/sample_report.hpp"

using namespace dispatch;

namespace {

bool has(const std::string& page, std::string_view line) {
  return page.find(std::string{line} + "\n") != std::string::npos;
}

} // namespace

CAF_TEST(samples have no times) {
  CAF_CHECK_EQUAL(put_right("# HELP a_total Of it 1.\n# TYPE a_total counter\na_total{x=\"y 1\"} 1 1795569941882\n"),
                  "# HELP a_total Of it 1.\n# TYPE a_total counter\na_total{x=\"y 1\"} 1\n");
  CAF_CHECK_EQUAL(put_right(""), "");
}

CAF_TEST(names say what metrics are) {
  CAF_CHECK_EQUAL(put_right("# HELP caf_system_queued_messages_total Messages.\n"
                            "# TYPE caf_system_queued_messages_total gauge\n"
                            "caf_system_queued_messages_total 7 1795569941882\n"),
                  "# HELP caf_system_queued_messages Messages.\n"
                  "# TYPE caf_system_queued_messages gauge\n"
                  "caf_system_queued_messages 7\n");
  CAF_CHECK_EQUAL(put_right("# TYPE process_cpu_seconds_total gauge\nprocess_cpu_seconds_total 1.5 1\n"),
                  "# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total 1.5\n");
}

CAF_TEST(gauges are of the last report) {
  caf::telemetry::metric_registry registry;
  metrics_page page{registry, "1.2.3"};
  CAF_CHECK(has(page.write(nullptr), "dispatcher_ready 0"));
  const auto report = test::sample_report();
  const auto written = page.write(&report);
  CAF_CHECK(has(written, "dispatcher_ready 1"));
  CAF_CHECK(has(written, "dispatcher_build_info{version=\"1.2.3\"} 1"));
  CAF_CHECK(has(written, "dispatcher_queue_length 4"));
  CAF_CHECK(has(written, "dispatcher_upstream_up{upstream=\"gpu1:50051\"} 1"));
  CAF_CHECK(has(page.write(nullptr), "dispatcher_queue_length 4"));
}

CAF_TEST(a service is ready by the rule of readyz) {
  caf::telemetry::metric_registry registry;
  metrics_page page{registry, "1.2.3"};
  const auto is_ready = [&](const service_report& report) { return has(page.write(&report), "dispatcher_ready 1"); };
  const auto good = test::sample_report();
  CAF_CHECK(is_ready(good));
  auto report = good;
  report.unanswered = {"frame_cache"};
  CAF_CHECK(!is_ready(report));
  report = good;
  report.accepting = false;
  CAF_CHECK(!is_ready(report));
  report = good;
  report.draining = true;
  CAF_CHECK(!is_ready(report));
  report = good;
  for (auto& upstream : report.upstreams)
    upstream.up = false;
  CAF_CHECK(!is_ready(report));
}

CAF_TEST(a service whose inspector does not answer is not ready) {
  caf::telemetry::metric_registry registry;
  metrics_page page{registry, "1.2.3"};
  const auto report = test::sample_report();
  CAF_CHECK(has(page.write(&report), "dispatcher_ready 1"));
  CAF_CHECK(has(page.write(nullptr), "dispatcher_ready 0"));
}

CAF_TEST(groups are shown while they have members here) {
  caf::telemetry::metric_registry registry;
  metrics_page page{registry, "1.2.3"};
  auto report = test::sample_report();
  const auto written = page.write(&report);
  CAF_CHECK(has(written, "dispatcher_store_up 1"));
  CAF_CHECK(has(written, "dispatcher_group_members{group=\"run \\\"42\\\"\"} 2"));
  CAF_CHECK(has(written, "dispatcher_group_held_batches{group=\"run \\\"42\\\"\"} 7"));
  CAF_CHECK(has(written, "dispatcher_group_longest_held_seconds{group=\"run \\\"42\\\"\"} 12.5"));
  report.groups.clear();
  report.store_state = "away";
  const auto later = page.write(&report);
  CAF_CHECK(has(later, "dispatcher_store_up 0"));
  CAF_CHECK_EQUAL(later.find("{group="), std::string::npos);
}
