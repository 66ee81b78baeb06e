#define CAF_SUITE python_interop

#include <caf/test/unit_test.hpp>

#include "tests/support/consumers.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/python_service.hpp"

using namespace dispatch::test;
using namespace std::chrono_literals;

namespace {

constexpr auto timeout = 60s;

/// The 1,000 samples of the dataset make 142 batches of this size and one of 6.
constexpr int batch_size = 7;

void check_passes(const server_process& dispatcher, std::size_t count) {
  CAF_CHECK_EQUAL(problem_of(receive_passes(dispatcher.port, count), 143, counting_samples(1000)), "");
}

void check_streams(const server_process& upstream) {
  auto dispatcher = start_counting(upstream, batch_size);
  check_passes(dispatcher, 4);
  CAF_CHECK(dispatcher.program.terminate(timeout).exited_with(0));
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

CAF_TEST(a Python dataset service with labels streams through the dispatcher) {
  const auto upstream = start_python_service({"--labels"});
  check_streams(upstream);
}

CAF_TEST(a batch whose labels lack one is fetched from another upstream) {
  for (const auto* index : {"0", "5"})
    for (const auto* mode : {"get", "stream"}) {
      const auto wrong = start_python_service({"--labels", "--labels-short-at", index});
      const auto right = start_python_service({"--labels"});
      const auto dispatcher =
        start_dispatcher({"--upstream", wrong.address() + "," + right.address(), "--dataset", "counting",
                          "--batch-size", std::to_string(batch_size), "--fetch-mode", mode});
      check_passes(dispatcher, 2);
    }
}

CAF_TEST(a batch whose labels lack one everywhere is told with its column) {
  const auto upstream = start_python_service({"--labels", "--labels-short-at", "5"});
  const auto dispatcher = start_counting(upstream, batch_size);
  const auto pass = receive_pass(dispatcher.port);
  CAF_CHECK_EQUAL(pass.error_code.value_or("none"), "INTERNAL");
  CAF_CHECK(contains(pass.error_message, "column 'label' of batch 5 has 48 bytes where 7 samples of 8 bytes are due"));
}

CAF_TEST(passes do not wait for a Python dataset service that takes longer to describe than a call may) {
  const auto upstream = start_python_service({"--describe-seconds", "4"});
  auto dispatcher = start_counting(upstream, batch_size, {"--call-timeout", "1s"});
  check_passes(dispatcher, 1);
  check_passes(dispatcher, 1);
  dispatcher.program.wait_for_line("description_slow", timeout);
  dispatcher.program.wait_for_line("description_came", timeout);
  check_passes(dispatcher, 1);
  check_passes(dispatcher, 1);
  CAF_CHECK_EQUAL(dispatcher.program.count_lines("description_slow"), 1u);
}

CAF_TEST(connections that a dataset service closes by policy cost nothing) {
  const auto upstream = start_python_service({"--max-connection-age-ms", "300"});
  for (const auto* mode : {"get", "stream"}) {
    auto dispatcher =
      start_counting(upstream, batch_size, {"--cache-mb", "0", "--fetch-mode", mode, "--log-level", "debug"});
    for (auto renewed = 0; renewed < 4; ++renewed) {
      dispatcher.program.wait_for_line(" connection_renewed ", timeout);
      check_passes(dispatcher, 2);
    }
    CAF_CHECK(dispatcher.program.terminate(timeout).exited_with(0));
    const auto log = dispatcher.program.err();
    for (const auto* trouble : {" warning ", " error ", " upstream_down ", " call_failed "})
      CAF_CHECK(!contains(log, trouble));
  }
}

CAF_TEST(a Python dataset service that allows few calls at a time serves every pass) {
  for (const auto* allowed : {"1", "2"}) {
    const auto upstream = start_python_service({"--max-concurrent", allowed});
    for (const auto* mode : {"get", "stream", "auto"}) {
      const auto dispatcher = start_counting(upstream, batch_size, {"--cache-mb", "0", "--fetch-mode", mode});
      check_passes(dispatcher, 3);
    }
  }
}

CAF_TEST(a long refusal of a Python dataset service is told at once and in short) {
  const auto upstream = start_python_service({"--refuse-at", "5"});
  const auto dispatcher = start_counting(upstream, batch_size, {"--fetch-mode", "get"});
  const auto pass = receive_pass(dispatcher.port);
  CAF_CHECK_EQUAL(pass.error_code.value_or("none"), "NOT_FOUND");
  CAF_CHECK(contains(pass.error_message, "the file is missing"));
  CAF_CHECK(pass.error_message.size() < 2000);
  CAF_CHECK_EQUAL(dispatcher.program.count_lines("fetcher_failed"), 0u);
}

CAF_TEST(an exception in a Python dataset service is retried and then told) {
  const auto upstream = start_python_service({"--raise-at", "5"});
  const auto dispatcher = start_counting(upstream, batch_size);
  const auto pass = receive_pass(dispatcher.port);
  CAF_CHECK_EQUAL(pass.batches, 5);
  CAF_REQUIRE(pass.error_code);
  CAF_CHECK_EQUAL(*pass.error_code, "UNKNOWN");
}
