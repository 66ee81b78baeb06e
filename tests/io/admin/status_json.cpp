#define CAF_SUITE status_json

#include "io/admin/status_json.hpp"

#include <caf/test/unit_test.hpp>

#include <chrono>
#include <string>

#include "tests/io/admin/sample_report.hpp"

using namespace dispatch;
using namespace dispatch::admin;
using namespace std::chrono_literals;

namespace {

json status_of(const service_report& report) {
  return status_json(report, test::sample_facts());
}

} // namespace

CAF_TEST(the service as a whole) {
  auto status = status_of(test::sample_report());
  for (const auto* part : {"clients", "upstreams", "outages", "cache", "groups", "actors"})
    status.erase(part);
  CAF_CHECK_EQUAL(
    to_text(status),
    R"({"schema":1,"version":"1.2.3","started_at":"1970-01-01T00:00:00.000Z","now":"1970-01-01T00:01:40.000Z",)"
    R"("uptime_seconds":100.0,"state":"serving","ready":{"ready":true,"reasons":[]},"config":{"listen":":8080"},)"
    R"("unanswered":[],"totals":{"batches":10,"bytes":20,"batches_per_second":1.5,"bytes_per_second":2.5,)"
    R"("streams_complete":1,"streams_failed":2,"streams_lost":3},"queue":{"length":4}})");
}

CAF_TEST(how long a consumer is connected does not follow the clock on the wall) {
  auto report = test::sample_report();
  report.clients.front().connected_at = report.taken_at + 1h;
  CAF_CHECK_EQUAL(status_of(report).at("clients").at("rows").at(0).at("connected_seconds").get<double>(), 10.0);
}

CAF_TEST(a consumer) {
  CAF_CHECK_EQUAL(
    to_text(status_of(test::sample_report()).at("clients")),
    R"({"connected":1,"accepted":5,"refused":1,"rows":[{"id":"client_127.0.0.1:5","actor":21,"peer":"127.0.0.1:5",)"
    R"("passes_of_host":null,)"
    R"("connected_at":"1970-01-01T00:01:30.000Z","connected_seconds":10.0,"dataset":"mnist","batch_size":30,)"
    R"("session":null,"state":"waiting","batch_index":7,"batches_total":334,"frames":7,"bytes":700,"batches_per_second":0.5,)"
    R"("bytes_per_second":50.0,"samples_per_second":15.0,"remaining_seconds":654.0,"window":{"size":8,"requested":6,"unsent":2},)"
    R"("waited":{"upstream_seconds":7.0,"encoding_seconds":1.0,"socket_seconds":0.5},)"
    R"("waited_lately":{"upstream":0.75,"encoding":0.125,"socket":0.0625},"bottleneck":"upstream","bound":"input",)"
    R"("stalled_seconds":0.0}]})");
}

CAF_TEST(a session) {
  auto report = test::sample_report();
  auto& client = report.clients.front();
  client.session = session_report{"run-42", 7, 2, 10, 640, 60000, 1, 4};
  client.slowest = bottleneck::socket;
  const auto row = status_of(report).at("clients").at("rows").at(0);
  CAF_CHECK_EQUAL(to_text(row.at("session")), R"({"name":"run-42","seed":7,"epoch":2,"end_epoch":10,"position":640,)"
                                              R"("samples":60000,"shard":{"index":1,"count":4}})");
  CAF_CHECK_EQUAL(row.at("bound"), "consumer");
}

CAF_TEST(an upstream) {
  CAF_CHECK_EQUAL(
    to_text(status_of(test::sample_report()).at("upstreams")),
    R"([{"address":"gpu1:50051","state":"up","calls":100,"calls_in_flight":2,"limit":4,"batches":120,)"
    R"("batches_per_second":900.0,"last_batch_seconds":0.25,"latency":{"p50_seconds":0.001,"p99_seconds":0.02},"failures":5,)"
    R"("failures_by_code":{"UNAVAILABLE":3,"INTERNAL":2},"last_failure":"UNAVAILABLE: gone",)"
    R"("last_failure_at":"1970-01-01T00:01:39.000Z","outages":2,"restarts":1,"fetchers":[)"
    R"({"index":0,"actor":31,"state":"up","up_seconds":9.0,"calls_in_flight":2,"calls":100,"restarts":0,)"
    R"("next_attempt_seconds":null,"last_failure":null},)"
    R"({"index":1,"actor":null,"state":"paused","up_seconds":0.0,"calls_in_flight":0,"calls":0,"restarts":1,)"
    R"("next_attempt_seconds":1.5,"last_failure":"UNAVAILABLE: gone"}]}])");
}

CAF_TEST(outages that are over and that go on) {
  CAF_CHECK_EQUAL(to_text(status_of(test::sample_report()).at("outages")),
                  R"([{"upstream":"gpu1:50051","began_at":"1970-01-01T00:00:10.000Z",)"
                  R"("ended_at":"1970-01-01T00:00:15.000Z","seconds":5.0,"attempts":3,"clients_held_up":2,)"
                  R"("reason":"UNAVAILABLE: gone"},{"upstream":"gpu2:50051","began_at":"1970-01-01T00:01:10.000Z",)"
                  R"("ended_at":null,"seconds":30.0,"attempts":9,"clients_held_up":1,"reason":null}])");
}

CAF_TEST(the cache and the actors) {
  const auto status = status_of(test::sample_report());
  CAF_CHECK_EQUAL(to_text(status.at("cache")),
                  R"({"state":"up","frames":3,"bytes":300,"capacity_bytes":1000,"hits":5,"joins":1,"misses":2,)"
                  R"("streamed":0,"evictions":0,"evicted_bytes":0,"hit_ratio":0.75})");
  CAF_CHECK_EQUAL(to_text(status.at("actors")),
                  R"([{"id":20,"parent":null,"name":"listener","label":null,"state":"serving","mailbox":0,)"
                  R"("age_seconds":100.0},{"id":21,"parent":20,"name":"client","label":"client_127.0.0.1:5",)"
                  R"("state":"waiting","mailbox":null,"age_seconds":10.0}])");
}

CAF_TEST(what is not known is null) {
  service_report report;
  report.clients.resize(1);
  report.upstreams.resize(1);
  const auto status = status_of(report);
  const auto& client = status.at("clients").at("rows").at(0);
  CAF_CHECK(client.at("batches_total").is_null());
  CAF_CHECK(client.at("remaining_seconds").is_null());
  const auto& upstream = status.at("upstreams").at(0);
  CAF_CHECK(upstream.at("last_failure").is_null());
  CAF_CHECK(upstream.at("last_failure_at").is_null());
  CAF_CHECK(upstream.at("latency").at("p50_seconds").is_null());
  CAF_CHECK(status.at("cache").at("hit_ratio").is_null());
  CAF_CHECK_EQUAL(status.at("cache").at("state"), "no_answer");
}

CAF_TEST(a service that drains says so) {
  auto report = test::sample_report();
  report.draining = true;
  report.accepting = false;
  CAF_CHECK_EQUAL(status_of(report).at("state"), "draining");
  CAF_CHECK_EQUAL(to_text(status_of(report).at("ready")), R"({"ready":false,"reasons":["draining"]})");
}

CAF_TEST(text from outside that is not UTF8 does no harm) {
  auto report = test::sample_report();
  report.upstreams.at(0).last_failure = "\xff\xfe";
  CAF_CHECK(json::accept(to_text(status_of(report))));
}

CAF_TEST(groups with members here) {
  CAF_CHECK_EQUAL(
    to_text(status_of(test::sample_report()).at("groups")),
    R"({"store":"serving","rows":[{"name":"run \"42\"","dataset":"mnist","generation":2,"state":"serving","epoch":3,"open_epoch":2,)"
    R"("epochs":10,"batches":334,"acked":700,"redelivered":30,"parked":1,"batches_per_second":250.0,)"
    R"("members":[{"client":"client_127.0.0.1:5","held":0,"held_seconds":0.0,"oldest":null,"acked":400},)"
    R"({"client":"client_127.0.0.1:6","held":7,"held_seconds":12.5,"oldest":{"epoch":2,"position":90},"acked":300}],)"
    R"("elsewhere":[{"dispatcher":"gpu2:9","epoch":2,"position":640,"batches":5,"members":"client_127.0.0.1:7: 5"}],)"
    R"("store_problem":null}]})");
}
