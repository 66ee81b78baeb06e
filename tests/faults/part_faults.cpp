#define CAF_SUITE part_faults

#include <caf/test/unit_test.hpp>

#include <csignal>

#include <chrono>
#include <future>
#include <string>

#include "tests/support/process.hpp"
#include "tests/support/stack.hpp"
#include "tests/support/tcp_client.hpp"

// Without some parts there is no service: when one of them dies, the dispatcher ends, and says why.

using namespace dispatch::test;
using namespace std::chrono_literals;

namespace {

constexpr auto patience = 30s;

server_process start_faulty_dispatcher(const std::string& fault, std::vector<std::string> options = {}) {
  std::vector<std::string> command{DISPATCHER_BINARY_DIR "/dispatcher-faulty",
                                   "--embedded",
                                   "--listen",
                                   "127.0.0.1:0",
                                   "--admin",
                                   "127.0.0.1:0",
                                   "--drain-timeout",
                                   "1h"};
  command.insert(command.end(), options.begin(), options.end());
  process program{std::move(command), {{"DISPATCHER_FAULT", fault}}};
  const auto port = std::stoi(program.wait_for_match(" serving .*port=([0-9]+)", patience).at(1));
  return {std::move(program), static_cast<std::uint16_t>(port)};
}

/// The end does not wait for the drain timeout, which is longer than any patience.
void expect_failure(server_process& dispatcher, const std::string& part) {
  dispatcher.program.wait_for_line("service_failed reason=\"" + part + ": ", patience);
  const auto status = dispatcher.program.wait(patience);
  CAF_REQUIRE(status);
  CAF_CHECK_EQUAL(status->text(), "exit code 1");
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

} // namespace

CAF_TEST(the listener dies) {
  auto dispatcher = start_faulty_dispatcher("listener:connection_opened:3", {"--window", "2"});
  tcp_client reads{dispatcher.port, 4096};
  CAF_REQUIRE(reads.read_line());
  const tcp_client stalled{dispatcher.port, 4096};
  dispatcher.program.wait_for_line("client_start", patience);
  dispatcher.program.wait_for_line("client_start", patience);
  const tcp_client unlucky{dispatcher.port};
  CAF_CHECK_EQUAL(last_error(reads), "UNAVAILABLE");
  expect_failure(dispatcher, "listener");
}

CAF_TEST(the fetcher pool dies) {
  auto dispatcher = start_faulty_dispatcher("fetcher_pool:fetch_frame:20", {"--fetch-mode", "get"});
  const tcp_client stalled{dispatcher.port, 4096};
  tcp_client reads{dispatcher.port};
  CAF_CHECK(last_error(reads) != "none");
  expect_failure(dispatcher, "fetcher_pool");
}

CAF_TEST(the server dies) {
  auto dispatcher = start_faulty_dispatcher("server:new_connection_msg:2", {"--window", "2"});
  tcp_client reads{dispatcher.port, 4096};
  CAF_REQUIRE(reads.read_line());
  const tcp_client unlucky{dispatcher.port};
  CAF_CHECK_EQUAL(last_error(reads), "UNAVAILABLE");
  expect_failure(dispatcher, "server");
}

CAF_TEST(the frame cache dies) {
  auto dispatcher = start_faulty_dispatcher("frame_cache:fetch_frame:20", {"--window", "2"});
  const tcp_client stalled{dispatcher.port, 4096};
  tcp_client reads{dispatcher.port};
  CAF_CHECK(last_error(reads) != "none");
  expect_failure(dispatcher, "frame_cache");
}
