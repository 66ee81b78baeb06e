#define CAF_SUITE upstream_answers

#include <caf/test/unit_test.hpp>

#include <csignal>

#include <chrono>

#include "io/grpc/grpc_batch_source.hpp"
#include "tests/support/consumers.hpp"
#include "tests/support/contains.hpp"

using namespace dispatch::test;
using namespace std::chrono_literals;

namespace {

using options = std::vector<std::string>;

server_process start_small(options dispatcher_options) {
  return start_dispatcher(small_dataset::streamed_with(std::move(dispatcher_options)));
}

/// What is wrong with the passes of so many consumers.
std::string problem_with(const options& upstream_options, std::size_t consumers, const std::string& mode,
                         const std::string& samples = small_dataset::samples()) {
  const auto upstream = start_dataset_server(small_dataset::served_with(upstream_options));
  auto dispatcher = start_small({"--upstream", upstream.address(), "--fetch-mode", mode});
  const auto problem = problem_of(receive_passes(dispatcher.port, consumers), small_dataset::batches, samples);
  return problem.empty() ? problem : "with " + mode + ": " + problem;
}

/// With 1 and with 64 consumers, by calls and by streams.
void check_complete(const options& upstream_options, const std::string& samples = small_dataset::samples()) {
  for (const std::size_t consumers : {1, 64})
    for (const auto* mode : {"get", "auto"})
      CAF_CHECK_EQUAL(problem_with(upstream_options, consumers, mode, samples), "");
}

std::string samples_but_batch(std::size_t index) {
  auto samples = small_dataset::samples();
  samples.erase(index * small_dataset::batch_bytes, small_dataset::batch_bytes);
  return samples;
}

} // namespace

CAF_TEST(every code that is the upstreams is tried again) {
  for (const auto* code : {"CANCELLED", "UNKNOWN", "DEADLINE_EXCEEDED", "RESOURCE_EXHAUSTED", "ABORTED", "INTERNAL",
                           "UNAVAILABLE", "DATA_LOSS"}) {
    CAF_MESSAGE(code);
    check_complete({"--fail-every", std::string{"17:"} + code});
  }
}

CAF_TEST(every code that is the requests is answered and others do not notice) {
  // Batches so large that a consumer that waits is not sent the rest of its pass.
  for (const auto* code : {"INVALID_ARGUMENT", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED",
                           "FAILED_PRECONDITION", "OUT_OF_RANGE", "UNAUTHENTICATED"}) {
    CAF_MESSAGE(code);
    const auto upstream = start_dataset_server({"--fail-every", std::string{"450:"} + code});
    auto dispatcher =
      start_dispatcher({"--upstream", upstream.address(), "--fetch-mode", "get", "--cache-mb", "0", "--window", "8"});
    place_in_pass middle{200, place_in_pass::then::waits};
    auto ahead = start_consumers(dispatcher, 1, middle.progress());
    middle.wait();
    // The first has had some 208 batches, so this one's comes to nothing; and the first does not come to the next such.
    const auto failed = receive_pass(dispatcher.port);
    middle.go_on();
    CAF_CHECK_EQUAL(failed.error_code.value_or(""), code);
    CAF_CHECK(contains(failed.error_message, "made to fail"));
    CAF_CHECK_EQUAL(problem_of_mnist(ahead.get()), "");
    CAF_CHECK_EQUAL(dispatcher.program.count_lines("fetcher_failed"), 0u);
  }
}

CAF_TEST(a batch that always fails is answered after its attempts and the pool stays up) {
  const std::vector<std::pair<options, std::string>> poisons{{{"--fail-batch", "200:INTERNAL"}, "INTERNAL"},
                                                             {{"--fail-batch", "200:UNKNOWN"}, "UNKNOWN"},
                                                             {{"--fail-batch", "200:CANCELLED"}, "CANCELLED"},
                                                             {{"--hang-batch", "200"}, "DEADLINE_EXCEEDED"}};
  for (const auto& [poison, code] : poisons)
    for (const std::size_t count : {1, 64}) {
      auto upstream = start_dataset_server(small_dataset::served_with());
      auto dispatcher = start_small({"--upstream", upstream.address(), "--cache-mb", "0", "--call-timeout", "500ms"});
      place_in_pass past{250, place_in_pass::then::waits};
      auto ahead = start_consumers(dispatcher, 1, past.progress());
      past.wait();
      kill_and_restart(upstream, 0ms, small_dataset::served_with(poison));
      for (const auto& pass : receive_passes(dispatcher.port, count)) {
        CAF_CHECK_EQUAL(pass.error_code.value_or("none"), code);
        CAF_CHECK_EQUAL(pass.batches, 200);
      }
      past.go_on();
      CAF_CHECK_EQUAL(problem_of(ahead.get()), "");
    }
}

CAF_TEST(a batch that hangs holds up nobody else where an upstream gets one call at a time) {
  const auto upstream = start_dataset_server(small_dataset::served_with({"--hang-batch", "200"}));
  auto dispatcher = start_small(without_deadlines(
    {"--upstream", upstream.address(), "--fetch-mode", "get", "--cache-mb", "0", "--in-flight", "1", "--window", "1"}));
  place_in_pass poisoned{200};
  auto stuck = start_consumers(dispatcher, 1, poisoned.progress());
  poisoned.wait();
  // The call for the batch hangs for as long as the other pass goes on.
  const auto other = receive_pass(dispatcher.port, [](std::int64_t batches) { return batches < 150; });
  CAF_CHECK_EQUAL(other.problem, "left");
  dispatcher.program.signal(SIGKILL);
  CAF_CHECK(!stuck.get().at(0).problem.empty());
}

CAF_TEST(batches with another index than the one asked for are asked for again) {
  check_complete({"--misnumber-every", "17"});
}

CAF_TEST(a batch that is empty by accident is asked for again) {
  // More than there are calls at a time: no batch meets two of them.
  check_complete({"--empty-every", "101"});
}

CAF_TEST(a batch that is always empty is delivered as it is where nothing is described) {
  check_complete({"--empty-batch", "100", "--no-dataset-info"}, samples_but_batch(100));
}

CAF_TEST(where the last batch is marked too early or not at all the description decides) {
  check_complete({"--mark-last", "100"});
  check_complete({"--mark-last", "none"});
}

CAF_TEST(where nothing is described the answer behind the end decides) {
  check_complete({"--no-dataset-info"});
  check_complete({"--mark-last", "100", "--no-dataset-info"});
  check_complete({"--mark-last", "none", "--no-dataset-info"});
}

CAF_TEST(a batch of 100 MiB passes) {
  constexpr auto* source = "synthetic:2x104857600:uint8";
  const auto upstream = start_dataset_server({"--data", std::string{"big="} + source});
  for (const auto* mode : {"get", "auto"}) {
    auto dispatcher = start_dispatcher(
      {"--upstream", upstream.address(), "--dataset", "big", "--batch-size", "1", "--fetch-mode", mode});
    CAF_CHECK_EQUAL(problem_of({receive_pass(dispatcher.port)}, 2, samples_of(source)), "");
  }
}

CAF_TEST(a batch of more bytes than the limit is answered with the limit and not tried again) {
  const auto upstream = start_dataset_server({"--data", "big=synthetic:2x107000000:uint8"});
  for (const auto* mode : {"get", "auto"}) {
    auto dispatcher = start_dispatcher(
      {"--upstream", upstream.address(), "--dataset", "big", "--batch-size", "1", "--fetch-mode", mode});
    const auto pass = receive_pass(dispatcher.port);
    CAF_CHECK_EQUAL(pass.error_code.value_or("none"), "FAILED_PRECONDITION");
    CAF_CHECK_EQUAL(pass.batches, 0);
    CAF_CHECK(contains(pass.error_message, std::to_string(dispatch::io::grpc_options{}.max_message_bytes)));
    CAF_CHECK_EQUAL(dispatcher.program.count_lines("fetcher_failed"), 0u);
  }
}
