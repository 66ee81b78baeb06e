#define CAF_SUITE python_interop

#include <caf/test/unit_test.hpp>

#include "tests/support/python_service.hpp"

using namespace dispatch::test;
using namespace std::chrono_literals;

namespace {

constexpr auto patience = 60s;

void check_streams(const server_process& upstream) {
  auto dispatcher = start_dispatcher({"--upstream", upstream.address(), "--dataset", "counting", "--batch-size", "7"});
  for (const auto& pass : receive_passes(dispatcher.port, 4)) {
    CAF_CHECK_EQUAL(pass.problem, "");
    CAF_CHECK_EQUAL(pass.error_message, "");
    CAF_CHECK_EQUAL(pass.batches, 143);
    CAF_CHECK(pass.samples == counting_samples(1000));
  }
  CAF_CHECK(dispatcher.program.terminate(patience).exited_with(0));
}

} // namespace

CAF_TEST(a Python dataset service streams through the dispatcher) {
  const auto upstream = start_python_service();
  check_streams(upstream);
}

CAF_TEST(a Python dataset service that implements GetBatch alone does as well) {
  const auto upstream = start_python_service({"--only-get-batch"});
  check_streams(upstream);
}

CAF_TEST(a Python dataset service that knows no end but its mark has one) {
  const auto upstream = start_python_service({"--only-get-batch", "--unchecked-index"});
  check_streams(upstream);
}

CAF_TEST(passes do not wait for a Python dataset service that takes longer to describe than a call may) {
  const auto upstream = start_python_service({"--describe-seconds", "4"});
  auto dispatcher = start_dispatcher(
    {"--upstream", upstream.address(), "--dataset", "counting", "--batch-size", "7", "--call-timeout", "1s"});
  const auto check_pass = [&] {
    const auto pass = receive_pass(dispatcher.port);
    CAF_CHECK_EQUAL(pass.problem + pass.error_message, "");
    CAF_CHECK(pass.samples == counting_samples(1000));
  };
  check_pass();
  check_pass();
  dispatcher.program.wait_for_line("description_slow", patience);
  dispatcher.program.wait_for_line("description_came", patience);
  check_pass();
  check_pass();
  CAF_CHECK_EQUAL(dispatcher.program.count_lines("description_slow"), 1u);
}

CAF_TEST(connections that a dataset service closes by policy cost nothing) {
  const auto upstream = start_python_service({"--max-connection-age-ms", "300"});
  for (const auto* mode : {"get", "stream"}) {
    auto dispatcher = start_dispatcher({"--upstream", upstream.address(), "--dataset", "counting", "--batch-size", "7",
                                        "--cache-mb", "0", "--fetch-mode", mode, "--log-level", "debug"});
    for (auto renewed = 0; renewed < 4; ++renewed) {
      dispatcher.program.wait_for_line(" connection_renewed ", patience);
      for (const auto& pass : receive_passes(dispatcher.port, 2)) {
        CAF_CHECK_EQUAL(pass.problem, "");
        CAF_CHECK_EQUAL(pass.error_message, "");
        CAF_CHECK(pass.samples == counting_samples(1000));
      }
    }
    CAF_CHECK(dispatcher.program.terminate(patience).exited_with(0));
    const auto log = dispatcher.program.err();
    for (const auto* trouble : {" warning ", " error ", " upstream_down ", " call_failed "})
      CAF_CHECK_EQUAL(log.find(trouble), std::string::npos);
  }
}

CAF_TEST(a Python dataset service that allows few calls at a time serves every pass) {
  for (const auto* allowed : {"1", "2"}) {
    const auto upstream = start_python_service({"--max-concurrent", allowed});
    for (const auto* mode : {"get", "stream", "auto"}) {
      auto dispatcher = start_dispatcher({"--upstream", upstream.address(), "--dataset", "counting", "--batch-size",
                                          "7", "--cache-mb", "0", "--fetch-mode", mode});
      for (const auto& pass : receive_passes(dispatcher.port, 3)) {
        CAF_CHECK_EQUAL(pass.problem + pass.error_message, "");
        CAF_CHECK(pass.samples == counting_samples(1000));
      }
    }
  }
}

CAF_TEST(a long refusal of a Python dataset service is told at once and in short) {
  const auto upstream = start_python_service({"--refuse-at", "5"});
  auto dispatcher = start_dispatcher(
    {"--upstream", upstream.address(), "--dataset", "counting", "--batch-size", "7", "--fetch-mode", "get"});
  const auto pass = receive_pass(dispatcher.port);
  CAF_CHECK_EQUAL(pass.error_code.value_or("none"), "NOT_FOUND");
  CAF_CHECK(pass.error_message.find("the file is missing") != std::string::npos);
  CAF_CHECK(pass.error_message.size() < 2000);
  CAF_CHECK_EQUAL(dispatcher.program.count_lines("fetcher_failed"), 0u);
}

CAF_TEST(an exception in a Python dataset service is retried and then told) {
  const auto upstream = start_python_service({"--raise-at", "5"});
  auto dispatcher = start_dispatcher({"--upstream", upstream.address(), "--dataset", "counting", "--batch-size", "7"});
  const auto pass = receive_pass(dispatcher.port);
  CAF_CHECK_EQUAL(pass.batches, 5);
  CAF_REQUIRE(pass.error_code);
  CAF_CHECK_EQUAL(*pass.error_code, "UNKNOWN");
}
