#define CAF_SUITE upstream_ports

#include <caf/test/unit_test.hpp>

#include <optional>

#include "tests/support/consumers.hpp"
#include "tests/support/odd_server.hpp"

using namespace dispatch::test;
using namespace std::chrono_literals;

namespace {

constexpr auto all = {odd_server::behaviour::silent, odd_server::behaviour::resets, odd_server::behaviour::garbage};

} // namespace

CAF_TEST(consumers wait while something else is at the upstreams port and are served when it is there) {
  for (const auto how : all)
    for (const std::size_t count : {1, 64}) {
      std::optional<odd_server> odd{how};
      const auto port = odd->port();
      auto dispatcher = start_dispatcher(
        small_dataset::streamed_with({"--upstream", "127.0.0.1:" + std::to_string(port), "--call-timeout", "1s"}));
      auto consumers = start_consumers(dispatcher, count);
      wait_for_clients(dispatcher, 1);
      CAF_REQUIRE(odd->wait_for_connections(2, test_timeout));
      dispatcher.program.wait_for_line("fetcher_failed", test_timeout);
      odd.reset();
      const auto upstream = start_dataset_server(small_dataset::served_with(), port);
      CAF_CHECK_EQUAL(problem_of(consumers.get()), "");
    }
}

CAF_TEST(of two upstreams one is something else) {
  for (const auto how : all)
    for (const std::size_t count : {1, 64}) {
      const odd_server odd{how};
      const auto upstream = start_dataset_server(small_dataset::served_with());
      auto dispatcher = start_dispatcher(small_dataset::streamed_with(
        without_deadlines({"--upstream", "127.0.0.1:" + std::to_string(odd.port()) + "," + upstream.address()})));
      CAF_CHECK_EQUAL(problem_of(receive_passes(dispatcher.port, count)), "");
    }
}
