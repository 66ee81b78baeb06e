#define CAF_SUITE summary

#include "apps/pull/summary.hpp"

#include <caf/test/unit_test.hpp>

#include <chrono>
#include <string>

using dispatch::pull::sample_source;
using dispatch::pull::summary;
using dispatch::pull::summary_json;
using dispatch::pull::summary_line;

namespace {

summary whole_pass() {
  summary result;
  result.batches = 334;
  result.samples = 10000;
  result.sample = "float32:1x28x28";
  result.said_by = sample_source::dispatcher;
  result.bytes = 31360000;
  result.time = std::chrono::milliseconds{310};
  result.first_frame = std::chrono::microseconds{1250};
  result.complete = true;
  return result;
}

} // namespace

CAF_TEST(a complete pass for people) {
  CAF_CHECK_EQUAL(summary_line(whole_pass()),
                  "complete: 334 batches, 10000 samples, 31.36 MB of samples, 0.31 s, 1077 frames/s");
}

CAF_TEST(samples that nobody has described) {
  auto x = whole_pass();
  x.said_by = sample_source::option;
  CAF_CHECK_EQUAL(summary_line(x).substr(0, 95),
                  "complete: 334 batches, 10000 samples of float32:1x28x28 as --sample says (nothing confirms it),");
  x.said_by = sample_source::nobody;
  CAF_CHECK_EQUAL(summary_line(x).substr(0, 89),
                  "complete: 334 batches, 10000 samples of float32:1x28x28 by default (nothing confirms it),");
}

CAF_TEST(an incomplete pass for people) {
  summary x;
  x.batches = 1;
  x.time = std::chrono::seconds{2};
  CAF_CHECK_EQUAL(summary_line(x), "incomplete: 1 batch, 0.00 MB of samples, 2.00 s, 0.5 frames/s");
}

CAF_TEST(a complete pass for scripts) {
  CAF_CHECK_EQUAL(
    summary_json(whole_pass()),
    R"({"complete":true,"batches":334,"samples":10000,"sample":"float32:1x28x28","sample_confirmed":true,)"
    R"("bytes":31360000,"seconds":0.31,)"
    R"("frames_per_second":1077.419,"first_frame_ms":1.25,"error":null,"error_code":null,"sha256":null})");
}

CAF_TEST(an incomplete pass for scripts) {
  summary x;
  x.error = "cannot write \xff: \"no\"";
  x.error_code = "NOT_FOUND";
  x.sha256 = "00ff";
  CAF_CHECK_EQUAL(summary_json(x),
                  "{\"complete\":false,\"batches\":0,\"samples\":null,\"sample\":null,"
                  "\"sample_confirmed\":false,\"bytes\":0,\"seconds\":0.0,"
                  "\"frames_per_second\":0.0,\"first_frame_ms\":null,\"error\":\"cannot write \xef\xbf\xbd: "
                  "\\\"no\\\"\",\"error_code\":\"NOT_FOUND\",\"sha256\":\"00ff\"}");
}
