#define CAF_SUITE admin_answers

#include "apps/pull/admin_answers.hpp"

#include <caf/test/unit_test.hpp>

#include <string>

using dispatch::pull::parse_preview;
using dispatch::pull::parse_status;

namespace {

std::string status(const std::string& ready, const std::string& upstreams, const std::string& actors = "[]") {
  return R"({"config":{"listen":"0.0.0.0:8080"},"ready":)" + ready + R"(,"upstreams":)" + upstreams + R"(,"actors":)"
         + actors + "}";
}

std::string waits_for(const std::string& body) {
  const auto state = parse_status(body);
  return state ? state->waits_for : "(none)";
}

std::string sample_in(const std::string& body) {
  const auto sample = parse_preview(body);
  return sample ? sample->text() : "(none)";
}

} // namespace

CAF_TEST(a dispatcher that is not ready says why) {
  const auto body = status(R"({"ready":false,"reasons":["no upstream is up","a:1: refused\n"]})", "[]");
  CAF_CHECK_EQUAL(waits_for(body), "the dispatcher is not ready: no upstream is up; a:1: refused\\x0a");
  CAF_CHECK_EQUAL(parse_status(body)->port, 8080);
}

CAF_TEST(a dispatcher that is ready waits for its calls) {
  const std::string ready = R"({"ready":true,"reasons":[]})";
  CAF_CHECK_EQUAL(waits_for(status(ready, R"([{"address":"a:1","calls_in_flight":2},{"address":"b:2",)"
                                          R"("calls_in_flight":0},{"address":"c:3","calls_in_flight":1}])")),
                  "the dispatcher waits for its dataset service: 2 calls to a:1, 1 call to c:3 under way");
  CAF_CHECK_EQUAL(waits_for(status(ready, "[]", R"([{"name":"batch_stream","state":"reading"}])")),
                  "the dispatcher waits for its dataset service: a StreamBatches call under way");
  CAF_CHECK_EQUAL(
    waits_for(status(ready, "[]", R"([{"name":"batch_stream","state":"idle"},{"name":"client","state":"waiting"}])")),
    "the dispatcher is ready, and waits for no call to its dataset service; `dispatcher status` shows more");
}

CAF_TEST(what is no status of a dispatcher) {
  for (const auto* body : {"", "<html>", "[]", "{}", "3", R"({"config":{"listen":3}})",
                           R"({"config":{"listen":":1"},"ready":{"ready":"no"},"upstreams":[]})",
                           R"({"config":{"listen":":1"},"ready":{"ready":true},"upstreams":[{"address":1}]})"})
    CAF_CHECK_EQUAL(waits_for(body), "(none)");
}

CAF_TEST(a preview says what a sample is) {
  CAF_CHECK_EQUAL(sample_in(R"({"data_type":"float32","sample_shape":[1,28,28]})"), "float32:1x28x28");
  CAF_CHECK_EQUAL(sample_in(R"({"data_type":"torch.uint8","sample_shape":[3]})"), "uint8:3");
}

CAF_TEST(a preview that does not say what a sample is) {
  for (const auto* body :
       {"", "[]", "{}", R"({"data_type":"","sample_shape":[]})", R"({"data_type":"float32","sample_shape":[]})",
        R"({"data_type":"","sample_shape":[1]})", R"({"data_type":"bfloat16","sample_shape":[1]})",
        R"({"data_type":"uint8","sample_shape":[-1]})", R"({"data_type":1,"sample_shape":[1]})",
        R"({"data_type":"uint8","sample_shape":["1"]})", R"({"error":"no batch yet"})"})
    CAF_CHECK_EQUAL(sample_in(body), "(none)");
}
