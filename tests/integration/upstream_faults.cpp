#define CAF_SUITE upstream_faults

#include <caf/test/unit_test.hpp>

#include <csignal>

#include <thread>

#include "messages/run_clock.hpp"
#include "tests/support/consumers.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/tcp_client.hpp"

using namespace dispatch::test;
using namespace std::chrono_literals;

namespace {

constexpr auto timeout = test_timeout;

void check_all_complete(passes& consumers) {
  CAF_CHECK_EQUAL(problem_of_mnist(consumers.get()), "");
}

} // namespace

CAF_TEST(a dataset server that is killed in the middle of a pass and comes back 3 s later) {
  for (const std::size_t count : {1, 64}) {
    const std::vector<std::string> options{"--latency-ms", count == 1 ? "10" : "1"};
    auto upstream = start_dataset_server(options);
    auto dispatcher = start_dispatcher({"--upstream", upstream.address()});
    place_in_pass middle{100};
    auto consumers = start_consumers(dispatcher, count, middle.progress());
    middle.wait();
    kill_and_restart(upstream, 3s, options);
    dispatcher.program.wait_for_line("upstream_down", timeout);
    dispatcher.program.wait_for_line("upstream_up", timeout);
    check_all_complete(consumers);
  }
}

CAF_TEST(a dataset server that is not up when consumers connect) {
  const auto port = unused_port();
  auto dispatcher = start_dispatcher({"--upstream", "127.0.0.1:" + std::to_string(port)});
  auto consumers = start_consumers(dispatcher, 8);
  wait_for_clients(dispatcher, 8);
  dispatcher.program.wait_for_line("fetcher_failed", timeout);
  const auto upstream = start_dataset_server({}, port);
  check_all_complete(consumers);
}

CAF_TEST(a dispatcher that stands still for longer than it waits for a dataset server) {
  const auto upstream = start_dataset_server({"--latency-ms", "10"});
  auto dispatcher =
    start_dispatcher({"--upstream", upstream.address(), "--call-timeout", "1s", "--give-up-after", "6s"});
  place_in_pass middle{50};
  auto consumers = start_consumers(dispatcher, 4, middle.progress());
  middle.wait();
  dispatcher.program.signal(SIGSTOP);
  // The fault itself, not synchronisation. It is longer than --give-up-after and what counts of a pause all the same.
  std::this_thread::sleep_for(7s + dispatch::run_clock::longest_gap);
  dispatcher.program.signal(SIGCONT);
  check_all_complete(consumers);
}

CAF_TEST(of two upstreams one dies for good) {
  auto first = start_dataset_server({"--latency-ms", "5"});
  const auto second = start_dataset_server({"--latency-ms", "5"});
  auto dispatcher = start_dispatcher({"--upstream", first.address() + "," + second.address()});
  place_in_pass middle{100};
  auto consumers = start_consumers(dispatcher, 8, middle.progress());
  middle.wait();
  first.program.signal(SIGKILL);
  dispatcher.program.wait_for_line("upstream_down upstream=" + first.address(), timeout);
  check_all_complete(consumers);
}

CAF_TEST(a dataset server that fails and hangs now and then) {
  for (const auto* code : {"UNAVAILABLE", "INTERNAL", "RESOURCE_EXHAUSTED"}) {
    const auto upstream = start_dataset_server({"--fail-every", std::string{"67:"} + code, "--hang-every", "150"});
    auto dispatcher = start_dispatcher({"--upstream", upstream.address(), "--call-timeout", "500ms"});
    auto consumers = start_consumers(dispatcher, 2);
    check_all_complete(consumers);
  }
}

CAF_TEST(a dataset server that stops for longer than a call may take and goes on) {
  auto upstream = start_dataset_server({"--latency-ms", "10"});
  auto dispatcher = start_dispatcher({"--upstream", upstream.address(), "--call-timeout", "1s", "--window", "8"});
  place_in_pass middle{100};
  auto consumers = start_consumers(dispatcher, 8, middle.progress());
  middle.wait();
  upstream.program.signal(SIGSTOP);
  dispatcher.program.wait_for_line("fetcher_failed", timeout);
  upstream.program.signal(SIGCONT);
  check_all_complete(consumers);
}

CAF_TEST(consumers are told when there is no upstream for too long) {
  auto dispatcher = start_dispatcher(
    {"--upstream", "127.0.0.1:" + std::to_string(unused_port()), "--call-timeout", "1s", "--give-up-after", "2s"});
  const auto pass = receive_pass(dispatcher.port);
  CAF_REQUIRE(pass.error_code);
  CAF_CHECK_EQUAL(*pass.error_code, "UNAVAILABLE");
  CAF_CHECK(contains(pass.error_message, "127.0.0.1:"));
}

CAF_TEST(a dataset server that does not serve gets no work until it does) {
  const auto not_serving = start_dataset_server({"--not-serving"});
  const auto serving = start_dataset_server();
  auto dispatcher = start_dispatcher({"--upstream", not_serving.address() + "," + serving.address()});
  auto consumers = start_consumers(dispatcher, 2);
  check_all_complete(consumers);
  dispatcher.program.signal(SIGUSR1);
  dispatcher.program.wait_for_line("upstream_counts upstream=" + not_serving.address() + " calls=0 ", timeout);
}
