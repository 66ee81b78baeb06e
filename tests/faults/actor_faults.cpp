#define CAF_SUITE actor_faults

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "tests/faults/faulty_stack.hpp"
#include "tests/support/consumers.hpp"
#include "tests/support/process_facts.hpp"

// Of the actors of which there are many, one dies of an exception.

using namespace dispatch::test;

namespace {

/// Has a consumer take a pass and counts the actors that are left when it is gone.
std::size_t actors_after_pass(server_process& dispatcher) {
  CAF_CHECK_EQUAL(problem_of(receive_passes(dispatcher.port, 1)), "");
  std::string counts;
  CAF_CHECK(eventually(test_timeout, [&] {
    counts = counts_of(dispatcher);
    return field_of(counts, "clients") == 0;
  }));
  return field_of(counts, "running");
}

/// Has consumers take passes until the log says what has failed.
std::vector<received_pass> passes_until(const server_process& dispatcher, const std::string& event) {
  std::vector<received_pass> all;
  const auto deadline = std::chrono::steady_clock::now() + test_timeout;
  while (dispatcher.program.count_lines(event) == 0 && std::chrono::steady_clock::now() < deadline)
    for (auto& pass : receive_passes(dispatcher.port, 8))
      all.push_back(std::move(pass));
  CAF_CHECK_EQUAL(dispatcher.program.count_lines(event), 1u);
  return all;
}

/// The dispatcher serves as before, and nothing is left of what has died.
void check_is_well(server_process& dispatcher, std::size_t actors) {
  CAF_CHECK_EQUAL(problem_of(receive_passes(dispatcher.port, 8)), "");
  CAF_CHECK(eventually(test_timeout, [&] { return actors_after_pass(dispatcher) <= actors; }));
}

/// A pass without a cache is some 334 calls or reads.
void check_nobody_notices(const std::string& fault, const std::string& mode, const std::string& event) {
  CAF_MESSAGE(fault);
  const auto upstream = start_dataset_server(small_dataset::served_with());
  auto dispatcher = start_faulty_dispatcher(
    fault, small_dataset::streamed_with({"--upstream", upstream.address(), "--fetch-mode", mode, "--cache-mb", "0"}));
  // Before that there are no streams.
  dispatcher.program.wait_for_line(" upstream_up ", test_timeout);
  const auto actors = actors_after_pass(dispatcher);
  CAF_CHECK_EQUAL(dispatcher.program.count_lines(event), 0u);
  CAF_CHECK_EQUAL(problem_of(passes_until(dispatcher, event)), "");
  check_is_well(dispatcher, actors);
}

} // namespace

CAF_TEST(a fetcher dies of an exception and no consumer notices) {
  check_nobody_notices("get_batch:500", "get", " fetcher_failed ");
  check_nobody_notices("describe:4", "get", " fetcher_failed ");
}

CAF_TEST(a stream dies of an exception and no consumer notices) {
  check_nobody_notices("open_stream:2", "stream", " stream_lost ");
  check_nobody_notices("read:500", "stream", " stream_lost ");
}

CAF_TEST(a client dies of an exception and its consumer alone gets an error frame) {
  const auto upstream = start_dataset_server(small_dataset::served_with());
  auto dispatcher =
    start_faulty_dispatcher("client_start:5", small_dataset::streamed_with({"--upstream", upstream.address()}));
  const auto actors = actors_after_pass(dispatcher);
  auto passes = passes_until(dispatcher, " client_failed ");
  const auto victim = std::find_if(passes.begin(), passes.end(), [](const auto& pass) { return pass.error_code; });
  CAF_REQUIRE(victim != passes.end());
  CAF_CHECK_EQUAL(*victim->error_code, "INTERNAL");
  CAF_CHECK_EQUAL(victim->batches, 0);
  passes.erase(victim);
  CAF_CHECK_EQUAL(problem_of(passes), "");
  check_is_well(dispatcher, actors);
}

CAF_TEST(a client dies of an exception in the middle of its pass) {
  const auto upstream = start_dataset_server(small_dataset::served_with({"--fail-batch", "200:NOT_FOUND"}));
  // The error of each consumer is an event before it is sent.
  auto dispatcher =
    start_faulty_dispatcher("client_error:1", small_dataset::streamed_with({"--upstream", upstream.address()}));
  std::vector<std::string> codes;
  for (const auto& pass : receive_passes(dispatcher.port, 3)) {
    CAF_CHECK_EQUAL(pass.batches, 200);
    codes.push_back(pass.error_code.value_or("none"));
  }
  std::sort(codes.begin(), codes.end());
  CAF_CHECK_EQUAL(codes, (std::vector<std::string>{"INTERNAL", "NOT_FOUND", "NOT_FOUND"}));
}
