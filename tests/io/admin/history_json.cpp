#define CAF_SUITE history_json

#include "io/admin/history_json.hpp"

#include <caf/test/unit_test.hpp>

#include <limits>
#include <string>

using namespace dispatch;
using namespace dispatch::admin;
using namespace std::chrono_literals;

CAF_TEST(what is not known is null and numbers have four digits) {
  history_report report;
  report.step = 60s;
  report.ends_at = caf::timestamp{120s};
  report.series = {{"clients", {0, std::numeric_limits<double>::quiet_NaN(), 123456, 0.00123456}}, {"errors", {}}};
  CAF_CHECK_EQUAL(to_text(history_json(report)), R"({"step_seconds":60,"ends_at":"1970-01-01T00:02:00.000Z",)"
                                                 R"("series":{"clients":[0,null,123500.0,0.001235],"errors":[]}})");
}

CAF_TEST(a span is whole seconds up to a week) {
  CAF_CHECK(span_of("") == 3600s);
  CAF_CHECK(span_of("1") == 1s);
  CAF_CHECK(span_of("604800") == 168h);
  for (const std::string text : {"0", "-5", "604801", "1h", "5 ", "x", "99999999999999999999"})
    CAF_CHECK(!span_of(text));
}
