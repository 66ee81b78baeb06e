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
  CAF_CHECK_EQUAL(to_text(history_json(report)),
                  R"({"step_seconds":60,"ends_at":"1970-01-01T00:02:00.000Z",)"
                  R"("series":{"clients":[0,null,123500.0,0.001235],"errors":[]},"sessions":null})");
}

CAF_TEST(a session has a row that says where it is or where it went) {
  session_row_report row;
  row.place = {"resnet", 7, 2, 10, 3000, 60000, 1, 4};
  row.dataset = "mnist";
  row.step = 25;
  row.steps = 500;
  row.times = 2;
  row.began_at = caf::timestamp{60s};
  row.batches_per_second = {std::numeric_limits<double>::quiet_NaN(), 12.34567};
  row.epochs = {std::numeric_limits<double>::quiet_NaN(), 2};
  history_report report;
  report.sessions = session_history_report{caf::timestamp{180s}, {row}};
  CAF_CHECK_EQUAL(
    to_text(history_json(report)["sessions"]),
    R"({"step_seconds":60,"ends_at":"1970-01-01T00:03:00.000Z","rows":[{"name":"resnet","shard":{"index":1,"count":4},)"
    R"("dataset":"mnist","seed":7,"times":2,"began_at":"1970-01-01T00:01:00.000Z","gone_at":null,"outcome":null,)"
    R"("epoch":2,"end_epoch":10,"step":25,"steps":500,"position":3000,"samples":60000,)"
    R"("batches_per_second":[null,12.35],"epochs":[null,2.0]}]})");
  report.sessions->rows[0].gone_at = caf::timestamp{120s};
  report.sessions->rows[0].outcome = "lost";
  const auto gone = history_json(report)["sessions"]["rows"][0];
  CAF_CHECK_EQUAL(gone["gone_at"], "1970-01-01T00:02:00.000Z");
  CAF_CHECK_EQUAL(gone["outcome"], "lost");
}

CAF_TEST(a span is whole seconds up to a week) {
  CAF_CHECK(span_of("") == 3600s);
  CAF_CHECK(span_of("1") == 1s);
  CAF_CHECK(span_of("604800") == 168h);
  for (const std::string text : {"0", "-5", "604801", "1h", "5 ", "x", "99999999999999999999"})
    CAF_CHECK(!span_of(text));
}
