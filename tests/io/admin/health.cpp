#define CAF_SUITE health

#include "io/admin/health.hpp"

#include <caf/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace dispatch;
using namespace dispatch::admin;

namespace {

using strings = std::vector<std::string>;

health_report good() {
  return {{}, true, false, 1, 2};
}

} // namespace

CAF_TEST(a service that is well is healthy and ready) {
  CAF_CHECK(health_of(good()).good);
  CAF_CHECK(readiness_of(good()).good);
  CAF_CHECK_EQUAL(readiness_of(good()).reasons, strings{});
}

CAF_TEST(a part that does not answer makes it neither) {
  auto report = good();
  report.unanswered = {"frame_cache"};
  CAF_CHECK(!health_of(report).good);
  CAF_CHECK_EQUAL(health_of(report).reasons, strings{"frame_cache does not answer"});
  CAF_CHECK_EQUAL(readiness_of(report).reasons, strings{"frame_cache does not answer"});
}

CAF_TEST(without an upstream it is healthy and not ready) {
  auto report = good();
  report.upstreams_up = 0;
  CAF_CHECK(health_of(report).good);
  CAF_CHECK(!readiness_of(report).good);
  CAF_CHECK_EQUAL(readiness_of(report).reasons, strings{"no upstream is up"});
  report.upstream_failures = {"a:1: UNAVAILABLE: gone", "b:2: UNAVAILABLE: gone too"};
  CAF_CHECK_EQUAL(readiness_of(report).reasons,
                  (strings{"no upstream is up", "a:1: UNAVAILABLE: gone", "b:2: UNAVAILABLE: gone too"}));
}

CAF_TEST(the failure of one upstream is no reason while another is up) {
  auto report = good();
  report.upstream_failures = {"a:1: UNAVAILABLE: gone"};
  CAF_CHECK_EQUAL(readiness_of(report).reasons, strings{});
}

CAF_TEST(a dataset that no upstream knows makes it not ready while one is up) {
  auto report = good();
  report.unknown_dataset = "dataset 'mnsit' is not known at a:1: no dataset 'mnsit'";
  CAF_CHECK(health_of(report).good);
  CAF_CHECK_EQUAL(readiness_of(report).reasons, strings{report.unknown_dataset});
  report.upstreams_up = 0;
  CAF_CHECK_EQUAL(readiness_of(report).reasons, strings{"no upstream is up"});
}

CAF_TEST(while it drains it is healthy and not ready) {
  auto report = good();
  report.draining = true;
  report.accepting = false;
  CAF_CHECK(health_of(report).good);
  CAF_CHECK_EQUAL(readiness_of(report).reasons, strings{"draining"});
}

CAF_TEST(a service that accepts nobody is not ready) {
  auto report = good();
  report.accepting = false;
  CAF_CHECK_EQUAL(readiness_of(report).reasons, strings{"no connections are accepted"});
}

CAF_TEST(nothing is said of what a silent part would know) {
  health_report report;
  report.unanswered = {"listener", "fetcher_pool"};
  CAF_CHECK_EQUAL(readiness_of(report).reasons, (strings{"listener does not answer", "fetcher_pool does not answer"}));
}

CAF_TEST(a report of everything gives the same verdict) {
  service_report report;
  report.accepting = true;
  CAF_CHECK_EQUAL(readiness_of(report).reasons, strings{"no upstream is up"});
  report.upstreams.resize(2);
  report.upstreams[0].address = "a:1";
  report.upstreams[0].last_failure = "UNAVAILABLE: gone";
  CAF_CHECK_EQUAL(readiness_of(report).reasons, (strings{"no upstream is up", "a:1: UNAVAILABLE: gone"}));
  report.upstreams[1].up = true;
  CAF_CHECK(readiness_of(report).good);
}

CAF_TEST(verdicts as JSON) {
  auto report = good();
  CAF_CHECK_EQUAL(to_text(verdict_json(health_of(report), &report)),
                  R"({"status":"ok","reasons":[],"parts":{"inspector":"ok","server":"ok","listener":"ok",)"
                  R"("frame_cache":"ok","order_directory":"ok","fetcher_pool":"ok"}})");
  report.unanswered = {"listener"};
  CAF_CHECK_EQUAL(
    to_text(verdict_json(health_of(report), &report)),
    R"({"status":"failing","reasons":["listener does not answer"],"parts":{"inspector":"ok",)"
    R"("server":"ok","listener":"no_answer","frame_cache":"ok","order_directory":"ok","fetcher_pool":"ok"}})");
  CAF_CHECK_EQUAL(to_text(verdict_json(no_answer(), nullptr)),
                  R"({"status":"failing","reasons":["inspector does not answer"],"parts":{"inspector":"no_answer"}})");
}
