#define CAF_SUITE pass_ends

#include <caf/test/unit_test.hpp>

#include <chrono>
#include <csignal>
#include <string>
#include <vector>

#include "tests/support/admin_client.hpp"
#include "tests/support/consumers.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/python_service.hpp"

using namespace dispatch::test;
using namespace std::chrono_literals;

namespace {

using options = std::vector<std::string>;

server_process start_small(const server_process& upstream, const std::string& mode) {
  return start_dispatcher(small_dataset::streamed_with({"--upstream", upstream.address(), "--fetch-mode", mode}));
}

received_pass receive_small(const server_process& upstream, const std::string& mode) {
  const auto dispatcher = start_small(upstream, mode);
  return receive_pass(dispatcher.port);
}

/// What the cache has counted when so many passes are over.
nlohmann::ordered_json counts_after(const server_process& dispatcher, int passes) {
  const auto are_over = [&](const auto& status) { return status.at("totals").at("streams_complete") == passes; };
  return wait_for_json(dispatcher.admin_port, "/status", are_over).at("cache");
}

} // namespace

CAF_TEST(a batch that fails behind a mark is an error where more is described) {
  const auto upstream = start_dataset_server(small_dataset::served_with({"--mark-last", "6", "--fail-batch", "7"}));
  for (const auto* mode : {"get", "auto"}) {
    const auto pass = receive_small(upstream, mode);
    CAF_CHECK_EQUAL(pass.error_code.value_or("none"), "INTERNAL");
    CAF_CHECK_EQUAL(pass.batches, 7);
  }
}

CAF_TEST(a service that is gone behind a mark is an error where nothing is described) {
  // 200 batches of 80 KB: more than sockets hold.
  auto upstream = start_python_service({"--only-get-batch", "--always-marked", "--samples", "1000000"});
  const auto dispatcher =
    start_counting(upstream, 5000, {"--window", "8", "--call-timeout", "500ms", "--give-up-after", "1s"});
  place_in_pass middle{5, place_in_pass::then::waits};
  auto consumers = start_consumers(dispatcher, 1, middle.progress());
  middle.wait();
  upstream.program.signal(SIGKILL);
  upstream.program.wait_for_end(test_timeout);
  middle.go_on();
  const auto pass = consumers.get().at(0);
  CAF_CHECK_EQUAL(pass.error_code.value_or("none"), "UNAVAILABLE");
  CAF_CHECK(pass.batches < 200);
}

CAF_TEST(a service that makes batches of a size of its own is followed) {
  for (const auto* mode : {"get", "auto"})
    for (const auto& [own, batches] : {std::pair{"7", 477}, std::pair{"64", 53}}) {
      const auto upstream = start_dataset_server(small_dataset::served_with({"--own-batch", own}));
      auto dispatcher = start_small(upstream, mode);
      CAF_CHECK_EQUAL(problem_of(receive_passes(dispatcher.port, 3), batches, small_dataset::samples()), "");
      CAF_CHECK_EQUAL(problem_of(receive_passes(dispatcher.port, 1), batches, small_dataset::samples()), "");
      CAF_CHECK_EQUAL(dispatcher.program.count_lines("batch_size_ignored"), 1u);
    }
}

CAF_TEST(a service of its own batch size that describes nothing is followed to its end) {
  const auto upstream = start_dataset_server(small_dataset::served_with({"--own-batch", "7", "--no-dataset-info"}));
  auto dispatcher = start_small(upstream, "auto");
  CAF_CHECK_EQUAL(problem_of(receive_passes(dispatcher.port, 1), 477, small_dataset::samples()), "");
  CAF_CHECK_EQUAL(dispatcher.program.count_lines("samples_not_counted"), 1u);
}

CAF_TEST(a second pass hits all and misses nothing where nothing is described) {
  for (const auto* marked : {"333", "none"})
    for (const auto* mode : {"get", "auto"}) {
      const auto upstream =
        start_dataset_server(small_dataset::served_with({"--no-dataset-info", "--mark-last", marked}));
      const auto dispatcher = start_small(upstream, mode);
      for (const auto passes : {1, 2}) {
        CAF_CHECK_EQUAL(problem_of(receive_passes(dispatcher.port, 1)), "");
        const auto cache = counts_after(dispatcher, passes);
        // A stream may bring a batch before it is asked for.
        CAF_CHECK(cache.at("misses") <= small_dataset::batches);
        CAF_CHECK_EQUAL(cache.at("hits").get<int>() + cache.at("misses").get<int>(), passes * small_dataset::batches);
      }
    }
}

CAF_TEST(a batch that lacks a sample by accident is asked for again) {
  // The first batch is whole, and no batch meets two faults.
  const auto upstream = start_dataset_server(small_dataset::served_with({"--short-every", "101"}));
  for (const auto* mode : {"get", "auto"}) {
    auto dispatcher = start_small(upstream, mode);
    CAF_CHECK_EQUAL(problem_of(receive_passes(dispatcher.port, 3)), "");
  }
}

CAF_TEST(a batch that always lacks a sample is an error that names both numbers) {
  const auto upstream = start_dataset_server(small_dataset::served_with({"--short-batch", "100"}));
  for (const auto* mode : {"get", "auto"}) {
    const auto pass = receive_small(upstream, mode);
    CAF_CHECK_EQUAL(pass.error_code.value_or("none"), "INTERNAL");
    CAF_CHECK_EQUAL(pass.batches, 100);
    CAF_CHECK(contains(pass.error_message, "batch 100 has 9 samples where 10 samples"));
  }
}

CAF_TEST(of two upstreams one makes batches of another size) {
  const auto whole = start_dataset_server(small_dataset::served_with());
  const auto own = start_dataset_server(small_dataset::served_with({"--short-every", "1"}));
  auto dispatcher = start_dispatcher(small_dataset::streamed_with(
    {"--upstream", whole.address() + "," + own.address(), "--fetch-mode", "get", "--cache-mb", "0"}));
  // The first batch decides which of the two fits. A pass of batches that all lack a sample cannot add up.
  for (auto i = 0; i < 5; ++i) {
    const auto pass = receive_pass(dispatcher.port);
    if (!pass.error_code)
      CAF_CHECK_EQUAL(problem_of({pass}), "");
  }
}

CAF_TEST(a pass whose samples do not add up to those described ends with an error) {
  // 990 samples are 33 whole batches.
  const auto upstream = start_python_service({"--samples", "990", "--described", "1000"});
  const auto dispatcher = start_counting(upstream, 30);
  const auto pass = receive_pass(dispatcher.port);
  CAF_CHECK_EQUAL(pass.error_code.value_or("none"), "OUT_OF_RANGE");
  CAF_CHECK_EQUAL(pass.batches, 33);
  CAF_CHECK(contains(pass.error_message, "has no batch 33, but describes 1000 samples"));
}

CAF_TEST(a message that is too large for its service is no end) {
  const auto upstream = start_python_service({"--only-get-batch", "--too-large-at", "5"});
  const auto dispatcher = start_counting(upstream, 30);
  const auto pass = receive_pass(dispatcher.port);
  CAF_CHECK_EQUAL(pass.error_code.value_or("none"), "FAILED_PRECONDITION");
  CAF_CHECK_EQUAL(pass.batches, 5);
  CAF_CHECK(contains(pass.error_message, "message length too large"));
}
