#define CAF_SUITE outages

#include <caf/test/dsl.hpp>

#include <nlohmann/json.hpp>

#include <csignal>
#include <string>

#include "tests/support/admin_client.hpp"
#include "tests/support/consumers.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/stack.hpp"

// What people see of an outage of the dataset service, while it goes on and afterwards.

using namespace dispatch::test;
using namespace std::chrono_literals;

namespace {

using json = nlohmann::ordered_json;

/// Waits until the latest outage in the status is as `is` says.
template <class Predicate>
json wait_for_outage(const server_process& dispatcher, Predicate is) {
  const auto status = wait_for_json(dispatcher.admin_port, "/status", [&](const json& x) {
    const auto& outages = x.at("outages");
    return !outages.empty() && is(outages.back());
  });
  return status.at("outages").back();
}

bool is_over(const json& outage) {
  return !outage.at("ended_at").is_null();
}

} // namespace

CAF_TEST(an outage has a beginning and an end and says who was held up) {
  auto upstream = start_dataset_server({"--latency-ms", "10"});
  auto dispatcher = start_dispatcher({"--upstream", upstream.address()});
  place_in_pass middle{20};
  auto consumers = start_consumers(dispatcher, 3, middle.progress());
  middle.wait();
  upstream.program.signal(SIGKILL);
  upstream.program.wait_for_end(test_timeout);
  const auto during = wait_for_outage(dispatcher, [](const json& x) { return x.at("clients_held_up") == 3; });
  CAF_CHECK(!is_over(during));
  CAF_CHECK_EQUAL(during.at("upstream").get<std::string>(), upstream.address());
  CAF_CHECK(contains(during.at("reason").get<std::string>(), "UNAVAILABLE"));
  const auto again = start_dataset_server({"--latency-ms", "10"}, upstream.port);
  const auto line = dispatcher.program.wait_for_line("outage_seconds=", test_timeout);
  CAF_CHECK(contains(line, "upstream_up upstream=" + upstream.address()));
  CAF_CHECK(contains(line, "clients_held_up=3"));
  const auto after = wait_for_outage(dispatcher, is_over);
  CAF_CHECK(after.at("attempts").get<int>() > 0);
  CAF_CHECK(after.at("seconds").get<double>() > 0);
  CAF_CHECK_EQUAL(problem_of_mnist(consumers.get()), "");
  CAF_CHECK_EQUAL(get_json(dispatcher.admin_port, "/status").at("outages").size(), 1u);
  const auto metrics = get(dispatcher.admin_port, "/metrics").body;
  CAF_CHECK(contains(metrics, "dispatcher_upstream_outages_total{upstream=\"" + upstream.address() + "\"} 1\n"));
}

CAF_TEST(an upstream that is wrong from the start is an outage and its attempts do not fill the log) {
  auto dispatcher = start_dispatcher({"--upstream", "127.0.0.1:" + std::to_string(unused_port())});
  const auto line = dispatcher.program.wait_for_line(" upstream_down ", test_timeout);
  CAF_CHECK(contains(line, "has not answered yet: UNAVAILABLE"));
  const auto outage = wait_for_outage(dispatcher, [](const json& x) { return x.at("attempts").get<int>() >= 4; });
  CAF_CHECK(!is_over(outage));
  CAF_CHECK(dispatcher.program.count_lines(" fetcher_failed ") <= 3);
}

CAF_TEST(nothing is said of the end of a pass while no dataset service is up) {
  auto upstream = start_dataset_server({"--latency-ms", "10"});
  auto dispatcher = start_dispatcher({"--upstream", upstream.address()});
  place_in_pass middle{20};
  auto consumers = start_consumers(dispatcher, 1, middle.progress());
  middle.wait();
  upstream.program.signal(SIGKILL);
  upstream.program.wait_for_end(test_timeout);
  wait_for_outage(dispatcher, [](const json& x) { return x.at("clients_held_up") == 1; });
  const auto status = get_json(dispatcher.admin_port, "/status");
  CAF_CHECK(status.at("clients").at("rows").at(0).at("remaining_seconds").is_null());
  const auto again = start_dataset_server({}, upstream.port);
  CAF_CHECK_EQUAL(problem_of_mnist(consumers.get()), "");
}

CAF_TEST(the history has what was sent before anybody looked) {
  const auto dispatcher = start_dispatcher({"--embedded"});
  CAF_CHECK_EQUAL(receive_pass(dispatcher.port).problem, "");
  const auto sent = [](const json& history) {
    auto result = 0.0;
    for (const auto& value : history.at("series").at("batches_per_second"))
      result += value.is_null() ? 0 : value.get<double>();
    return result;
  };
  const auto history =
    wait_for_json(dispatcher.admin_port, "/history?seconds=300", [&](const json& x) { return sent(x) > 300; });
  CAF_CHECK_EQUAL(history.at("step_seconds").get<int>(), 1);
  CAF_CHECK_EQUAL(history.at("series").at("batches_per_second").size(), 300u);
  CAF_CHECK(history.at("series").at("batches_per_second").front().is_null());
  CAF_CHECK_EQUAL(get_json(dispatcher.admin_port, "/history?seconds=604800").at("step_seconds").get<int>(), 60);
}
