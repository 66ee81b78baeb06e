#define CAF_SUITE limits

#include <caf/test/unit_test.hpp>

#include <nlohmann/json.hpp>

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/admin_client.hpp"
#include "tests/support/consumers.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/process_facts.hpp"
#include "tests/support/stack.hpp"
#include "tests/support/tcp_client.hpp"

using namespace dispatch::test;
using namespace std::chrono_literals;

namespace {

constexpr auto timeout = 60s;

std::vector<std::string> with_descriptors(int count) {
  return {"prlimit", "--nofile=" + std::to_string(count) + ":" + std::to_string(count)};
}

} // namespace

CAF_TEST(the one client too many is told so) {
  auto dispatcher = start_dispatcher({"--embedded", "--max-clients", "2"});
  const tcp_client first{dispatcher.port, 4096};
  const tcp_client second{dispatcher.port, 4096};
  wait_for_clients(dispatcher, 2);
  const auto third = receive_pass(dispatcher.port);
  CAF_CHECK_EQUAL(third.error_code.value_or(""), "RESOURCE_EXHAUSTED");
  CAF_CHECK_EQUAL(third.error_message, "the dispatcher already has its maximum of 2 clients");
  CAF_CHECK(third.samples.empty());
  dispatcher.program.wait_for_line("client_refused", timeout);
}

CAF_TEST(there are no more clients than there is room for) {
  auto dispatcher = start_dispatcher({"--embedded"}, with_descriptors(64));
  CAF_REQUIRE_EQUAL(dispatcher.program.count_lines("descriptor_limit descriptors=64 "), 1u);
  const auto most = field_of(dispatcher.program.err(), "max_clients");
  CAF_REQUIRE(most > 0 && most < 64);
  std::vector<tcp_client> clients;
  for (std::size_t i = 0; i < most; ++i)
    clients.emplace_back(dispatcher.port, 4096);
  wait_for_clients(dispatcher, most);
  const auto refused = receive_pass(dispatcher.port);
  CAF_CHECK_EQUAL(refused.error_code.value_or(""), "RESOURCE_EXHAUSTED");
  CAF_CHECK_EQUAL(refused.error_message,
                  "the dispatcher already has its maximum of " + std::to_string(most) + " clients");
}

CAF_TEST(a limit with room for all is not mentioned) {
  auto dispatcher = start_dispatcher({"--embedded", "--max-clients", "100"});
  CAF_CHECK_EQUAL(dispatcher.program.count_lines("descriptor_limit"), 0u);
}

CAF_TEST(those who are refused and do not close leave descriptors to the others) {
  constexpr auto refused_count = 20;
  const auto upstream = start_dataset_server();
  // By calls: a stream has a connection of its own, which comes and goes.
  auto dispatcher = start_dispatcher({"--upstream", upstream.address(), "--max-clients", "2", "--fetch-mode", "get"},
                                     with_descriptors(64));
  // So that the dispatcher has what it needs itself.
  CAF_REQUIRE_EQUAL(receive_pass(dispatcher.port).problem, "");
  // The consumer of that pass has its place until its actor is gone.
  wait_for_json(dispatcher.admin_port, "/status",
                [](const auto& status) { return status.at("clients").at("connected") == 0; });
  std::vector<tcp_client> served;
  for (auto i = 0; i < 2; ++i)
    served.emplace_back(dispatcher.port, 4096);
  wait_for_clients(dispatcher, 3);
  const auto before = facts_of(dispatcher.program.pid()).descriptors;
  std::vector<tcp_client> refused;
  for (auto i = 0; i < refused_count; ++i)
    refused.emplace_back(dispatcher.port, 4096);
  // None of them closes, and all are told. There are as many of them at a time as leave descriptors to the others.
  for (auto& peer : refused)
    CAF_CHECK(contains(peer.read_line().value_or(""), "RESOURCE_EXHAUSTED"));
  dispatcher.program.wait_for_line("accepting_paused reason=\"there are as many connections as there may be\"",
                                   timeout);
  CAF_CHECK_EQUAL(dispatcher.program.count_lines("Too many open files"), 0u);
  dispatcher.program.wait_for_line("accepting_resumed", timeout);
  CAF_CHECK(eventually(timeout, [&] { return facts_of(dispatcher.program.pid()).descriptors <= before; }));
}

CAF_TEST(without descriptors accepting pauses and goes on by itself) {
  auto dispatcher = start_dispatcher({"--embedded"});
  tcp_client reader{dispatcher.port};
  CAF_REQUIRE(reader.read_line());
  {
    // Fewer than it was promised when it started.
    const auto left = facts_of(dispatcher.program.pid()).descriptors + 10;
    const ::rlimit low{left, left};
    CAF_REQUIRE_EQUAL(::prlimit(dispatcher.program.pid(), RLIMIT_NOFILE, &low, nullptr), 0);
    std::vector<tcp_client> crowd;
    for (auto i = 0; i < 300; ++i)
      crowd.emplace_back(dispatcher.port, 4096);
    dispatcher.program.wait_for_line("accepting_paused reason=\"Too many open files\"", timeout);
    // Once those who were taken have their first frames. A server that spins never gets there.
    CAF_CHECK(eventually(timeout, [&] { return is_idle(dispatcher.program.pid()); }));
    auto lines = 1;
    while (reader.read_line())
      ++lines;
    CAF_CHECK_EQUAL(lines, 334);
  }
  dispatcher.program.wait_for_line("accepting_resumed", timeout);
  // Those who waited are told or served, and have left.
  CAF_CHECK(eventually(timeout, [&] { return receive_pass(dispatcher.port).problem.empty(); }));
}

CAF_TEST(a client that does not read is ended when it may not stall for so long) {
  auto dispatcher = start_dispatcher({"--embedded", "--stall-timeout", "2s"});
  const tcp_client stalled{dispatcher.port, 4096};
  wait_for_clients(dispatcher, 1);
  dispatcher.program.wait_for_match("client_error .*code=DEADLINE_EXCEEDED .*stall-timeout", timeout);
  dispatcher.program.wait_for_match("client_end .*outcome=stalled", timeout);
  // Whoever reads is not concerned.
  CAF_CHECK_EQUAL(receive_pass(dispatcher.port).problem, "");
}

CAF_TEST(a client that does not read is waited for otherwise) {
  auto dispatcher = start_dispatcher({"--embedded", "--dead-peer-timeout", "4s"});
  tcp_client stalled{dispatcher.port, 4096};
  CAF_REQUIRE(stalled.read_line());
  // Not synchronisation: this is how long it does not read.
  std::this_thread::sleep_for(9s);
  auto lines = 1;
  while (stalled.read_line())
    ++lines;
  CAF_CHECK_EQUAL(lines, 334);
}
