#define CAF_SUITE two_upstreams

#include <caf/test/unit_test.hpp>

#include <csignal>

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "tests/support/consumers.hpp"

using namespace dispatch::test;
using namespace std::chrono_literals;

namespace {

using clock = std::chrono::steady_clock;

constexpr auto source = "synthetic:40000x16:uint8";
constexpr std::int64_t batches = 4000;

server_process start_upstream(int latency_ms) {
  return start_dataset_server({"--data", std::string{"d="} + source, "--latency-ms", std::to_string(latency_ms)});
}

/// For one consumer nothing is kept, so that all of each pass comes from upstream. Many would drift apart for a moment
/// when a batch is late, and without a cache ask for each batch many times from then on.
server_process start(const std::string& upstreams, std::size_t consumers) {
  return start_dispatcher(
    {"--upstream", upstreams, "--dataset", "d", "--batch-size", "10", "--cache-mb", consumers == 1 ? "0" : "256"});
}

/// How long so many consumers take for a pass; `at_middle` happens in it.
clock::duration time_of_pass(const server_process& dispatcher, std::size_t consumers,
                             const std::function<void()>& at_middle = {}) {
  place_in_pass middle{batches / 4};
  const auto began = clock::now();
  auto passes = start_consumers(dispatcher, consumers, middle.progress());
  middle.wait();
  if (at_middle)
    at_middle();
  const auto received = passes.get();
  const auto took = clock::now() - began;
  CAF_CHECK_EQUAL(problem_of(received, batches, samples_of(source)), "");
  return took;
}

clock::duration time_alone(const server_process& healthy, std::size_t consumers) {
  const auto dispatcher = start(healthy.address(), consumers);
  return time_of_pass(dispatcher, consumers);
}

void check_near(clock::duration took, clock::duration alone, clock::duration trouble) {
  const auto in_ms = [](clock::duration x) { return std::chrono::duration_cast<std::chrono::milliseconds>(x).count(); };
  CAF_MESSAGE(in_ms(took) << " ms instead of " << in_ms(alone) << " ms");
  CAF_CHECK(took < 2 * alone + trouble);
}

} // namespace

CAF_TEST(one of two upstreams dies) {
  for (const std::size_t consumers : {1, 64}) {
    const auto healthy = start_upstream(10);
    const auto alone = time_alone(healthy, consumers);
    auto other = start_upstream(10);
    const auto dispatcher = start(other.address() + "," + healthy.address(), consumers);
    check_near(time_of_pass(dispatcher, consumers, [&] { other.program.signal(SIGKILL); }), alone, 1s);
  }
}

CAF_TEST(one of two upstreams hangs) {
  for (const std::size_t consumers : {1, 64}) {
    const auto healthy = start_upstream(10);
    const auto alone = time_alone(healthy, consumers);
    auto other = start_upstream(10);
    const auto dispatcher = start(other.address() + "," + healthy.address(), consumers);
    check_near(time_of_pass(dispatcher, consumers, [&] { other.program.signal(SIGSTOP); }), alone, 2s);
    // It goes on: what it answers late does no harm, and the pass after it has both.
    other.program.signal(SIGCONT);
    check_near(time_of_pass(dispatcher, consumers), alone, 1s);
  }
}

CAF_TEST(one of two upstreams is ten times slower) {
  for (const std::size_t consumers : {1, 64}) {
    const auto healthy = start_upstream(10);
    const auto alone = time_alone(healthy, consumers);
    const auto slow = start_upstream(100);
    const auto dispatcher = start(slow.address() + "," + healthy.address(), consumers);
    check_near(time_of_pass(dispatcher, consumers), alone, 1s);
    check_near(time_of_pass(dispatcher, consumers), alone, 1s);
  }
}

CAF_TEST(an upstream that is slow for a while is fast again within seconds) {
  // Of 4,000 batches, 200 take half a second each.
  const auto upstream =
    start_dataset_server({"--data", std::string{"d="} + source, "--latency-ms", "5", "--slow", "1000-1200:500"});
  auto dispatcher = start(upstream.address(), 1);
  time_of_pass(dispatcher, 1);
  // The pass is a fast one again: with 5 ms for each of them in turn it would take 20 s.
  CAF_CHECK(time_of_pass(dispatcher, 1) < 4s);
}

CAF_TEST(two upstreams that disagree serve each pass from one of them) {
  constexpr auto other_source = "synthetic:20000x16:uint8";
  const auto one = start_upstream(1);
  const auto other = start_dataset_server({"--data", std::string{"d="} + other_source, "--latency-ms", "1"});
  // A mismatch is no attempt: one attempt is enough.
  const auto dispatcher = start_dispatcher({"--upstream", one.address() + "," + other.address(), "--dataset", "d",
                                            "--batch-size", "10", "--max-attempts", "1", "--fetch-mode", "get"});
  const auto samples = samples_of(source);
  const auto other_samples = samples_of(other_source);
  std::size_t of_one = 0;
  std::size_t of_other = 0;
  const auto deadline = clock::now() + test_patience;
  // Which one a pass gets is chance; passes of both are to run at a time.
  while ((of_one == 0 || of_other == 0) && clock::now() < deadline) {
    std::vector<passes> crowd;
    for (auto i = 0; i < 8; ++i) {
      place_in_pass begun{1};
      crowd.push_back(start_consumers(dispatcher, 1, begun.progress()));
      begun.wait();
    }
    for (auto& pass : crowd) {
      const auto received = pass.get();
      const auto is_of_one = problem_of(received, batches, samples).empty();
      if (!is_of_one)
        CAF_CHECK_EQUAL(problem_of(received, batches / 2, other_samples), "");
      ++(is_of_one ? of_one : of_other);
    }
  }
  CAF_CHECK(of_one > 0 && of_other > 0);
}
