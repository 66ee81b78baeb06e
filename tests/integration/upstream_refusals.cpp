#define CAF_SUITE upstream_refusals

#include <caf/test/unit_test.hpp>

#include <csignal>

#include <string>
#include <vector>

#include "tests/support/admin_client.hpp"
#include "tests/support/consumers.hpp"
#include "tests/support/contains.hpp"

using namespace dispatch::test;
using namespace std::chrono_literals;

namespace {

constexpr auto modes = {"get", "stream", "auto"};

server_process start(const std::string& upstreams, const std::string& mode, std::vector<std::string> options = {}) {
  options.insert(options.end(), {"--upstream", upstreams, "--fetch-mode", mode, "--cache-mb", "0"});
  return start_dispatcher(small_dataset::streamed_with(options));
}

/// Something that is no dataset service, at a port. It ends when this goes.
server_process start_other(std::uint16_t port, const std::vector<std::string>& options) {
  std::vector<std::string> command{"/usr/bin/python3", DISPATCHER_OTHER_SERVICE, "--port", std::to_string(port)};
  command.insert(command.end(), options.begin(), options.end());
  process program{std::move(command)};
  const auto served = std::stoi(program.wait_for_match("serving port=([0-9]+)", test_timeout).at(1));
  return {std::move(program), static_cast<std::uint16_t>(served)};
}

void kill(server_process& server) {
  server.program.signal(SIGKILL);
  server.program.wait_for_end(test_timeout);
}

void check_passes(const server_process& dispatcher, int count) {
  for (; count > 0; --count)
    CAF_CHECK_EQUAL(problem_of(receive_passes(dispatcher.port, 1)), "");
}

} // namespace

CAF_TEST(of two upstreams one does not have the dataset) {
  const auto lacking = start_dataset_server({"--data", "other=synthetic:100x16:uint8", "--no-bundled-data"});
  const auto having = start_dataset_server(small_dataset::served_with());
  for (const auto* mode : modes)
    for (const auto& upstreams :
         {lacking.address() + "," + having.address(), having.address() + "," + lacking.address()}) {
      const auto dispatcher = start(upstreams, mode);
      check_passes(dispatcher, 10);
    }
}

CAF_TEST(an upstream refuses its batches while it loads and then rolls) {
  for (const auto* mode : modes)
    for (const auto* code : {"FAILED_PRECONDITION", "NOT_FOUND", "UNAUTHENTICATED"}) {
      CAF_MESSAGE(mode << " " << code);
      const auto loads = small_dataset::served_with({"--fail-every", std::string{"1:"} + code});
      auto one = start_dataset_server(loads);
      auto other = start_dataset_server(small_dataset::served_with());
      const auto dispatcher = start(one.address() + "," + other.address(), mode);
      check_passes(dispatcher, 5);
      kill_and_restart(one, 0ms, small_dataset::served_with());
      check_passes(dispatcher, 5);
      kill_and_restart(other, 0ms, loads);
      check_passes(dispatcher, 5);
      kill_and_restart(other, 0ms, small_dataset::served_with());
      check_passes(dispatcher, 5);
    }
}

CAF_TEST(what all upstreams refuse is told with what each of them said) {
  const auto one = start_dataset_server({"--data", "a=synthetic:100x16:uint8", "--no-bundled-data"});
  const auto other = start_dataset_server({"--data", "b=synthetic:100x16:uint8", "--no-bundled-data"});
  const auto dispatcher = start(one.address() + "," + other.address(), "auto");
  const auto pass = receive_pass(dispatcher.port);
  CAF_CHECK_EQUAL(pass.error_code.value_or("none"), "NOT_FOUND");
  for (const auto& address : {one.address(), other.address()})
    CAF_CHECK(contains(pass.error_message, address + ": NOT_FOUND: "));
}

CAF_TEST(consumers wait while no dataset service answers at the upstreams port) {
  const std::vector<std::vector<std::string>> others{{"--http", "404"}, {"--http", "403"}, {"--http", "401"}, {}};
  for (const auto* mode : {"get", "stream"})
    for (const auto& options : others) {
      auto upstream = start_dataset_server(small_dataset::served_with({"--latency-ms", "1"}));
      auto dispatcher = start(upstream.address(), mode);
      place_in_pass middle{50};
      auto pass = start_consumers(dispatcher, 1, middle.progress());
      middle.wait();
      kill(upstream);
      auto other = start_other(upstream.port, options);
      dispatcher.program.wait_for_match("upstream_down", test_timeout);
      dispatcher.program.wait_for_match("fetcher_failed.*no (gRPC|dataset) service", test_timeout);
      kill(other);
      upstream = start_dataset_server(small_dataset::served_with(), upstream.port);
      CAF_CHECK_EQUAL(problem_of(pass.get()), "");
    }
}

CAF_TEST(what answers with an HTTP status alone never counts as an upstream that is up) {
  const auto other = start_other(0, {"--http", "404"});
  auto dispatcher = start(other.address(), "auto");
  dispatcher.program.wait_for_match("fetcher_failed.*no gRPC service .HTTP status 404", test_timeout);
  CAF_CHECK_EQUAL(dispatcher.program.count_lines("upstream_up"), 0u);
  CAF_CHECK_EQUAL(get(dispatcher.admin_port, "/readyz").status, 503);
}

CAF_TEST(a mistyped dataset is found out at the start and the reason goes when it is there) {
  auto upstream = start_dataset_server({});
  auto dispatcher = start_dispatcher({"--upstream", upstream.address(), "--dataset", "smal"});
  const auto reason = "dataset 'smal' is not known at " + upstream.address() + ": no dataset 'smal'; there are: mnist";
  const auto says_why = [&](const admin_answer& x) { return x.status == 503 && contains(x.body, reason); };
  wait_for_answer(dispatcher.admin_port, "/readyz", says_why);
  CAF_CHECK(contains(
    wait_for_answer(dispatcher.admin_port, "/status", [&](const admin_answer& x) { return contains(x.body, reason); })
      .body,
    "\"ready\":false"));
  CAF_CHECK(contains(receive_pass(dispatcher.port).error_message, "no dataset 'smal'"));
  dispatcher.program.wait_for_line("warning dataset_unknown dataset=smal", test_timeout);
  kill_and_restart(upstream, 0ms, {"--data", "smal=synthetic:480x4:float32"});
  wait_for_answer(dispatcher.admin_port, "/readyz", [](const admin_answer& x) { return x.status == 200; });
  dispatcher.program.wait_for_line("info dataset_found dataset=smal", test_timeout);
  CAF_CHECK_EQUAL(dispatcher.program.count_lines("dataset_unknown"), 1u);
  CAF_CHECK_EQUAL(receive_pass(dispatcher.port).batches, 16);
}
