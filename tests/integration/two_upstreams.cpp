#define CAF_SUITE two_upstreams

#include <caf/test/unit_test.hpp>

#include <csignal>

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "tests/support/admin_client.hpp"
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
/// when a batch is late, and without a cache ask for each batch many times from then on. No deadline passes: a pass
/// that waits for an upstream that does not answer does not end.
server_process start(const std::string& upstreams, std::size_t consumers) {
  return start_dispatcher(without_deadlines(
    {"--upstream", upstreams, "--dataset", "d", "--batch-size", "10", "--cache-mb", consumers == 1 ? "0" : "256"}));
}

/// Has so many consumers take a pass, which must be whole; `at_middle` happens in it.
void check_passes(const server_process& dispatcher, std::size_t consumers,
                  const std::function<void()>& at_middle = {}) {
  place_in_pass middle{batches / 4};
  auto passes = start_consumers(dispatcher, consumers, middle.progress());
  middle.wait();
  if (at_middle)
    at_middle();
  CAF_CHECK_EQUAL(problem_of(passes.get(), batches, samples_of(source)), "");
}

/// Has one consumer take whole passes until something is so.
void pass_until(const server_process& dispatcher, const std::function<bool()>& is_so) {
  const auto deadline = clock::now() + test_timeout;
  while (!is_so() && clock::now() < deadline)
    check_passes(dispatcher, 1);
  CAF_CHECK(is_so());
}

/// A number of an upstream's row in the status.
std::int64_t number_of(const server_process& dispatcher, const server_process& upstream, const char* name) {
  const auto status = get_json(dispatcher.admin_port, "/status");
  for (const auto& row : status.at("upstreams"))
    if (row.at("address") == upstream.address())
      return row.at(name).get<std::int64_t>();
  throw std::runtime_error("no row for " + upstream.address());
}

} // namespace

CAF_TEST(one of two upstreams dies) {
  for (const std::size_t consumers : {1, 64}) {
    const auto healthy = start_upstream(10);
    auto other = start_upstream(10);
    const auto dispatcher = start(other.address() + "," + healthy.address(), consumers);
    check_passes(dispatcher, consumers, [&] { other.program.signal(SIGKILL); });
  }
}

CAF_TEST(one of two upstreams hangs) {
  for (const std::size_t consumers : {1, 64}) {
    const auto healthy = start_upstream(10);
    auto other = start_upstream(10);
    const auto dispatcher = start(other.address() + "," + healthy.address(), consumers);
    // It does not go on before the passes are over.
    check_passes(dispatcher, consumers, [&] { other.program.signal(SIGSTOP); });
    // What it answers late does no harm.
    other.program.signal(SIGCONT);
    check_passes(dispatcher, consumers);
  }
}

CAF_TEST(an upstream that hung and goes on is called again) {
  const auto healthy = start_upstream(10);
  auto other = start_upstream(10);
  const auto dispatcher = start(other.address() + "," + healthy.address(), 1);
  check_passes(dispatcher, 1, [&] { other.program.signal(SIGSTOP); });
  const auto calls = number_of(dispatcher, other, "calls");
  other.program.signal(SIGCONT);
  // Those that it owed are some of them.
  pass_until(dispatcher, [&] { return number_of(dispatcher, other, "calls") > calls + batches / 4; });
}

// Fifty times: on busy cores the faster one's own calls may take several times as long as it says.
CAF_TEST(an upstream that is far slower than another gets few of the calls) {
  for (const std::size_t consumers : {1, 64}) {
    const auto healthy = start_upstream(10);
    const auto slow = start_upstream(500);
    const auto dispatcher = start(slow.address() + "," + healthy.address(), consumers);
    check_passes(dispatcher, consumers);
    CAF_CHECK_LESS(4 * number_of(dispatcher, slow, "calls"), number_of(dispatcher, healthy, "calls"));
  }
}

CAF_TEST(an upstream that is slow for a while is not left with few calls at a time) {
  // Of 4,000 batches, 200 take half a second each.
  const auto upstream =
    start_dataset_server({"--data", std::string{"d="} + source, "--latency-ms", "5", "--slow", "2000-2200:500"});
  const auto dispatcher = start(upstream.address(), 1);
  std::int64_t before = 0;
  check_passes(dispatcher, 1, [&] { before = number_of(dispatcher, upstream, "limit"); });
  pass_until(dispatcher, [&] { return 2 * number_of(dispatcher, upstream, "limit") >= before; });
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
  const auto deadline = clock::now() + test_timeout;
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
