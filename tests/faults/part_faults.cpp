#define CAF_SUITE part_faults

#include <caf/test/unit_test.hpp>

#include <csignal>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "tests/faults/faulty_stack.hpp"
#include "tests/support/consumers.hpp"
#include "tests/support/process_facts.hpp"
#include "tests/support/tcp_client.hpp"

// Without some parts there is no service: when one of them dies, the dispatcher ends, and says why.

using namespace dispatch::test;
using namespace std::chrono_literals;

namespace {

constexpr auto timeout = 30s;

server_process start(const std::string& fault, std::vector<std::string> options) {
  // The end does not wait for the drain timeout, which is longer than any timeout here.
  options.insert(options.end(), {"--drain-timeout", "1h", "--window", "2"});
  return start_faulty_dispatcher(fault, std::move(options));
}

void expect_failure(server_process& dispatcher, const std::string& part) {
  dispatcher.program.wait_for_line("service_failed reason=\"" + part + ": ", timeout);
  CAF_CHECK_EQUAL(dispatcher.program.wait_for_end(timeout).text(), "exit code 1");
}

/// The code of the error frame that a stream must end with.
std::string last_error(tcp_client& consumer) {
  std::string last;
  while (const auto line = consumer.read_line())
    last = *line;
  constexpr std::string_view before = "\"error\":{\"code\":\"";
  const auto at = last.find(before);
  if (at == std::string::npos)
    return "none";
  const auto begin = at + before.size();
  return last.substr(begin, last.find('"', begin) - begin);
}

/// Of two consumers one has read its first batch and the other has not, when the dataset server is killed.
void check_dies_with_upstream(const std::string& fault, const std::string& mode, const std::string& part) {
  auto upstream = start_dataset_server();
  auto dispatcher = start(fault, {"--upstream", upstream.address(), "--fetch-mode", mode});
  // Before that there are no streams.
  dispatcher.program.wait_for_line(" upstream_up ", timeout);
  const tcp_client stalled{dispatcher.port, 4096};
  tcp_client reads{dispatcher.port, 4096};
  CAF_REQUIRE(reads.read_line());
  upstream.program.signal(SIGKILL);
  CAF_CHECK(last_error(reads) != "none");
  expect_failure(dispatcher, part);
}

} // namespace

CAF_TEST(the listener dies) {
  auto dispatcher = start("client_refused:1", {"--embedded", "--max-clients", "2"});
  tcp_client reads{dispatcher.port, 4096};
  CAF_REQUIRE(reads.read_line());
  const tcp_client stalled{dispatcher.port, 4096};
  wait_for_clients(dispatcher, 2);
  const tcp_client refused{dispatcher.port};
  CAF_CHECK_EQUAL(last_error(reads), "UNAVAILABLE");
  expect_failure(dispatcher, "listener");
}

CAF_TEST(the fetcher pool dies) {
  check_dies_with_upstream("fetcher_failed:1", "get", "fetcher_pool");
}

CAF_TEST(the server dies) {
  // A pass takes long enough to be under way when the server dies.
  auto upstream = start_dataset_server({"--latency-ms", "20"});
  auto dispatcher =
    start("connection_unused:1", {"--upstream", upstream.address(), "--fetch-mode", "get", "--in-flight", "1"});
  tcp_client reads{dispatcher.port, 4096};
  CAF_REQUIRE(reads.read_line());
  // One that has left before it is accepted.
  dispatcher.program.signal(SIGSTOP);
  CAF_REQUIRE(eventually(timeout, [&] { return is_stopped(dispatcher.program.pid()); }));
  tcp_client{dispatcher.port}.reset();
  dispatcher.program.signal(SIGCONT);
  CAF_CHECK_EQUAL(last_error(reads), "UNAVAILABLE");
  expect_failure(dispatcher, "server");
}

CAF_TEST(the batch cache dies) {
  check_dies_with_upstream("stream_lost:1", "stream", "frame_cache");
}
