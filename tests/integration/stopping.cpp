#define CAF_SUITE stopping

#include <caf/test/unit_test.hpp>

#include <csignal>

#include <algorithm>
#include <chrono>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "tests/support/consumers.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/process_facts.hpp"
#include "tests/support/sanitizer.hpp"
#include "tests/support/stack.hpp"
#include "tests/support/tcp_client.hpp"

using namespace dispatch::test;
using namespace std::chrono_literals;

namespace {

constexpr auto timeout = 30s;

void check_exits_with_0(server_process& dispatcher) {
  CAF_CHECK(dispatcher.program.wait_for_end(timeout).exited_with(0));
}

/// Tells a dispatcher to stop. It ends every connection in the time that there is, and says so when it cannot.
void check_stops_in_order(server_process& dispatcher) {
  dispatcher.program.signal(SIGTERM);
  check_exits_with_0(dispatcher);
  CAF_CHECK_EQUAL(dispatcher.program.count_lines("drain_failed"), 0u);
  CAF_CHECK_EQUAL(dispatcher.program.count_lines(" stopped"), 1u);
}

} // namespace

CAF_TEST(consumers may finish when the dispatcher is told to stop) {
  const auto upstream = start_dataset_server({"--latency-ms", "5"});
  auto dispatcher = start_dispatcher({"--upstream", upstream.address(), "--drain-timeout", "5m"});
  auto consumers = start_consumers(dispatcher, 16);
  wait_for_clients(dispatcher, 16);
  dispatcher.program.signal(SIGTERM);
  dispatcher.program.wait_for_line("drain_start clients=16", timeout);
  CAF_CHECK_EQUAL(problem_of_mnist(consumers.get()), "");
  check_exits_with_0(dispatcher);
}

CAF_TEST(nobody new is taken while the dispatcher stops) {
  const auto upstream = start_dataset_server({"--latency-ms", "5"});
  auto dispatcher = start_dispatcher({"--upstream", upstream.address()});
  tcp_client consumer{dispatcher.port};
  CAF_REQUIRE(consumer.read_line());
  dispatcher.program.signal(SIGINT);
  dispatcher.program.wait_for_line("drain_start", timeout);
  auto refused = false;
  try {
    // The socket is closed in the multiplexer's own time; until then a late consumer is told.
    const auto late = receive_pass(dispatcher.port);
    refused = late.error_code == "UNAVAILABLE";
  } catch (const std::system_error&) {
    refused = true;
  }
  CAF_CHECK(refused);
}

CAF_TEST(consumers that are not done in time get an error frame) {
  const auto upstream = start_dataset_server({"--latency-ms", "200"});
  auto dispatcher =
    start_dispatcher({"--upstream", upstream.address(), "--drain-timeout", "500ms", "--in-flight", "1"});
  auto consumers = start_consumers(dispatcher, 4);
  wait_for_clients(dispatcher, 4);
  dispatcher.program.signal(SIGTERM);
  for (const auto& pass : consumers.get()) {
    CAF_REQUIRE(pass.error_code);
    CAF_CHECK_EQUAL(*pass.error_code, "UNAVAILABLE");
    CAF_CHECK(contains(pass.error_message, "draining"));
  }
  check_exits_with_0(dispatcher);
}

CAF_TEST(a consumer that is behind is told which batch it does not get) {
  auto dispatcher = start_dispatcher({"--embedded", "--drain-timeout", "200ms", "--window", "100"});
  tcp_client consumer{dispatcher.port, 4096};
  CAF_REQUIRE(consumer.read_line());
  dispatcher.program.signal(SIGTERM);
  dispatcher.program.wait_for_line("drain_timeout clients=1", timeout);
  auto frames = 1;
  std::string last;
  while (const auto line = consumer.read_line()) {
    last = *line;
    ++frames;
  }
  CAF_CHECK_EQUAL(last.substr(0, 12), "{\"batch_id\":");
  CAF_CHECK_EQUAL(last.substr(12, last.find(',') - 12), std::to_string(frames - 1));
  CAF_CHECK(contains(last, "\"code\":\"UNAVAILABLE\""));
}

CAF_TEST(a consumer that does not read cannot keep the dispatcher from stopping) {
  auto dispatcher = start_dispatcher({"--embedded", "--drain-timeout", "500ms"});
  const tcp_client consumer{dispatcher.port, 4096};
  wait_for_clients(dispatcher, 1);
  check_stops_in_order(dispatcher);
}

CAF_TEST(a refused consumer that does not close cannot either) {
  auto dispatcher = start_dispatcher({"--embedded", "--max-clients", "1", "--drain-timeout", "1h"});
  tcp_client first{dispatcher.port, 4096};
  wait_for_clients(dispatcher, 1);
  tcp_client refused{dispatcher.port};
  CAF_REQUIRE(refused.read_line());
  first.reset();
  dispatcher.program.wait_for_line("client_end", timeout);
  check_stops_in_order(dispatcher);
}

CAF_TEST(a second signal ends the dispatcher at once) {
  auto dispatcher = start_dispatcher({"--embedded", "--drain-timeout", "1h"});
  const tcp_client consumer{dispatcher.port, 4096};
  wait_for_clients(dispatcher, 1);
  dispatcher.program.signal(SIGTERM);
  dispatcher.program.wait_for_line("drain_start", timeout);
  dispatcher.program.signal(SIGTERM);
  CAF_CHECK(dispatcher.program.wait_for_end(timeout).exited_with(128 + SIGTERM));
}

CAF_TEST(a dispatcher without an upstream stops) {
  auto dispatcher = start_dispatcher({"--upstream", "127.0.0.1:" + std::to_string(unused_port())});
  dispatcher.program.wait_for_line("fetcher_failed", timeout);
  CAF_CHECK(dispatcher.program.terminate(timeout).exited_with(0));
}

CAF_TEST(a port in use is one clear line and exit code 2) {
  const auto first = start_dispatcher({"--embedded"});
  const auto second =
    run_process({DISPATCHER_BINARY_DIR "/dispatcher", "--embedded", "--listen", first.address()}, timeout);
  CAF_CHECK(second.status.exited_with(2));
  CAF_CHECK(
    contains(second.err, "error: --listen: cannot listen on " + first.address() + ": Address already in use\n"));
}

CAF_TEST(missing data is one clear line and exit code 2) {
  const auto result = run_process({DISPATCHER_BINARY_DIR "/dispatcher", "--embedded"}, timeout,
                                  {{"DISPATCHER_DATA_DIR", "/nonexistent"}});
  CAF_CHECK(result.status.exited_with(2));
  CAF_CHECK_EQUAL(std::count(result.err.begin(), result.err.end(), '\n'), 1);
  CAF_CHECK(result.err.find("error: --embedded: ") == 0);
}

CAF_TEST(many consumers that do not read cannot keep the dispatcher from stopping) {
  auto dispatcher = start_dispatcher({"--embedded", "--drain-timeout", "1s"});
  std::vector<tcp_client> consumers;
  for (auto i = 0; i < 1000; ++i)
    consumers.emplace_back(dispatcher.port, 4096);
  CAF_REQUIRE(eventually(timeout, [&] { return dispatcher.program.count_lines("client_start") == 1000; }));
  // Whether each of them has its error frame by then is for the machine's speed to decide.
  dispatcher.program.signal(SIGTERM);
  check_exits_with_0(dispatcher);
}

CAF_TEST(a log that nobody reads cannot keep the dispatcher from stopping) {
  // Under ThreadSanitizer the process stays until somebody reads, although it has called _exit.
  if (under_thread_sanitizer)
    return;
  // Passes on what is said until it serves, and leaves the rest in the pipe, which soon holds no more. The pipe has a
  // reader for as long as the dispatcher runs, whose process number is the launcher's.
  const std::vector<std::string> launcher{
    "bash", "-c",
    "exec \"$@\" 2> >(while IFS= read -r line; do echo \"$line\" >&2; "
    "[[ $line == *' serving '* ]] && exec tail --pid=$$ -f /dev/null > /dev/null 2>&1; done)",
    "launcher"};
  const auto upstream = start_dataset_server();
  auto dispatcher = start_dispatcher({"--upstream", upstream.address(), "--drain-timeout", "500ms"}, launcher);
  std::vector<tcp_client> consumers;
  for (auto i = 0; i < 1000; ++i)
    consumers.emplace_back(dispatcher.port, 4096);
  // Everything that logs waits, and those who come are not answered any more.
  dispatcher.program.signal(SIGTERM);
  check_exits_with_0(dispatcher);
}

CAF_TEST(counts that are asked for do not delay the end) {
  auto dispatcher = start_dispatcher({"--embedded", "--drain-timeout", "500ms"});
  const tcp_client consumer{dispatcher.port, 4096};
  wait_for_clients(dispatcher, 1);
  for (auto i = 0; i < 100; ++i)
    dispatcher.program.signal(SIGUSR1);
  check_stops_in_order(dispatcher);
}

CAF_TEST(consumers that have just connected are told as well) {
  const auto upstream = start_dataset_server({"--latency-ms", "50"});
  auto dispatcher = start_dispatcher({"--upstream", upstream.address(), "--drain-timeout", "200ms"});
  std::vector<tcp_client> consumers;
  for (auto i = 0; i < 50; ++i)
    consumers.emplace_back(dispatcher.port);
  dispatcher.program.signal(SIGTERM);
  auto told = 0;
  auto cut = 0;
  for (auto& consumer : consumers) {
    try {
      const auto text = consumer.read_all();
      told += text.find("\"code\":\"UNAVAILABLE\"") != std::string::npos ? 1 : 0;
    } catch (const std::system_error&) {
      // It was in the queue of the listening socket, which is no more.
      ++cut;
    }
  }
  CAF_CHECK_EQUAL(told + cut, 50);
  check_exits_with_0(dispatcher);
}

CAF_TEST(stopping does not wait for a dataset service that hangs) {
  auto upstream = start_dataset_server();
  auto dispatcher = start_dispatcher(
    without_deadlines({"--upstream", upstream.address(), "--drain-timeout", "500ms", "--cache-mb", "0"}));
  upstream.program.signal(SIGSTOP);
  auto consumers = start_consumers(dispatcher, 4);
  wait_for_clients(dispatcher, 4);
  dispatcher.program.signal(SIGTERM);
  for (const auto& pass : consumers.get()) {
    CAF_CHECK_EQUAL(pass.error_code.value_or(""), "UNAVAILABLE");
    CAF_CHECK_EQUAL(pass.batches, 0);
  }
  check_exits_with_0(dispatcher);
}

CAF_TEST(a signal during the start ends the dispatcher in order) {
  for (const auto delay : {0ms, 2ms, 5ms, 10ms, 20ms, 50ms, 100ms}) {
    process dispatcher{
      {DISPATCHER_BINARY_DIR "/dispatcher", "--listen", "127.0.0.1:0", "--admin", "none", "--embedded"}};
    // Not synchronisation: at each of these times it is somewhere else.
    std::this_thread::sleep_for(delay);
    dispatcher.signal(SIGTERM);
    const auto status = dispatcher.wait_for_end(timeout);
    // Before the program's first line runs, nobody but the kernel answers a signal.
    const auto had_begun = contains(dispatcher.err(), " serving ");
    CAF_CHECK(status.exited_with(0) || (!had_begun && status.signalled && status.code == SIGTERM));
  }
}

CAF_TEST(what cannot be listened on is one clear line and exit code 2) {
  for (const std::string address : {"192.0.2.1:0", "no-such-host.invalid:0", "nonsense", "127.0.0.1:99999"}) {
    const auto result = run_process({DISPATCHER_BINARY_DIR "/dispatcher", "--embedded", "--listen", address}, timeout);
    CAF_CHECK(result.status.exited_with(2));
    CAF_CHECK(contains(result.err, "error: --listen: "));
    CAF_CHECK(result.err.back() == '\n');
  }
}

CAF_TEST(a missing configuration file is one clear line and exit code 2) {
  const auto result =
    run_process({DISPATCHER_BINARY_DIR "/dispatcher", "--embedded", "--config", "/nonexistent/file.toml"}, timeout);
  CAF_CHECK(result.status.exited_with(2));
  CAF_CHECK_EQUAL(std::count(result.err.begin(), result.err.end(), '\n'), 1);
  CAF_CHECK(contains(result.err, "/nonexistent/file.toml"));
}
