#define CAF_SUITE full_pass

#include <caf/test/unit_test.hpp>

#include <algorithm>

#include "tests/support/consumers.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/stack.hpp"
#include "tests/support/tcp_client.hpp"

using namespace dispatch::test;
using namespace std::chrono_literals;

namespace {

constexpr auto timeout = 30s;

} // namespace

CAF_TEST(one consumer gets every sample of a separate dataset server) {
  const auto upstream = start_dataset_server();
  auto dispatcher = start_dispatcher({"--upstream", upstream.address()});
  CAF_CHECK_EQUAL(problem_of_mnist({receive_pass(dispatcher.port)}), "");
  dispatcher.program.wait_for_match("client_end .*outcome=complete batches=334 ", timeout);
  CAF_CHECK(dispatcher.program.terminate(timeout).exited_with(0));
}

CAF_TEST(64 consumers each get every sample) {
  auto dispatcher = start_dispatcher({"--embedded"});
  CAF_CHECK_EQUAL(problem_of_mnist(receive_passes(dispatcher.port, 64)), "");
}

CAF_TEST(frames are those of the classic protocol byte for byte) {
  auto dispatcher = start_dispatcher({"--embedded", "--dataset", "mnist-labels", "--batch-size", "9999"});
  tcp_client consumer{dispatcher.port};
  const auto client = "\"client_id\":\"client_127.0.0.1:" + std::to_string(consumer.local_port()) + "\"";
  const auto first = consumer.read_line().value_or("");
  const auto second = consumer.read_line().value_or("");
  CAF_CHECK_EQUAL(first.substr(0, 48), "{\"batch_id\":0,\"batch_index\":0,\"batch_data\":[\"" + first.substr(45, 3));
  CAF_CHECK_EQUAL(first.substr(first.size() - client.size() - 15), "]," + client + ",\"EOF\":false}");
  CAF_CHECK_EQUAL(second.substr(0, 45), "{\"batch_id\":1,\"batch_index\":1,\"batch_data\":[\"");
  CAF_CHECK_EQUAL(second.substr(51), "," + client + ",\"EOF\":true}");
  CAF_CHECK(!consumer.read_line());
}

CAF_TEST(a consumer that leaves in the middle does not touch the others) {
  const auto upstream = start_dataset_server({"--latency-ms", "2"});
  auto dispatcher = start_dispatcher({"--upstream", upstream.address()});
  auto others = start_consumers(dispatcher, 4);
  for (const auto frames : {1, 5, 20})
    CAF_CHECK_EQUAL(receive_pass(dispatcher.port, [=](std::int64_t batches) { return batches < frames; }).problem,
                    "left");
  CAF_CHECK_EQUAL(problem_of_mnist(others.get()), "");
  for (auto i = 0; i < 3; ++i)
    dispatcher.program.wait_for_match("client_end .*outcome=(lost|complete)", timeout);
}

CAF_TEST(a consumer that closes its sending side gets everything) {
  auto dispatcher = start_dispatcher({"--embedded"});
  tcp_client consumer{dispatcher.port};
  consumer.send("hello\n");
  consumer.half_close();
  const auto text = consumer.read_all();
  CAF_CHECK_EQUAL(std::count(text.begin(), text.end(), '\n'), 334);
  CAF_CHECK_EQUAL(text.substr(text.size() - 13), ",\"EOF\":true}\n");
}

CAF_TEST(a wrong dataset name is one error frame that says so) {
  auto dispatcher = start_dispatcher({"--embedded", "--dataset", "minst"});
  const auto pass = receive_pass(dispatcher.port);
  CAF_CHECK_EQUAL(pass.batches, 0);
  CAF_REQUIRE(pass.error_code);
  CAF_CHECK_EQUAL(*pass.error_code, "NOT_FOUND");
  CAF_CHECK(contains(pass.error_message, "minst"));
}

CAF_TEST(one consumer too many is told so and the others stay) {
  const auto upstream = start_dataset_server({"--latency-ms", "5"});
  auto dispatcher = start_dispatcher({"--upstream", upstream.address(), "--max-clients", "1"});
  tcp_client first{dispatcher.port};
  CAF_REQUIRE(first.read_line());
  const auto refused = receive_pass(dispatcher.port);
  CAF_REQUIRE(refused.error_code);
  CAF_CHECK_EQUAL(*refused.error_code, "RESOURCE_EXHAUSTED");
  const auto rest = first.read_all();
  CAF_CHECK(rest.substr(rest.size() - 13) == ",\"EOF\":true}\n");
}

CAF_TEST(batches of other sizes) {
  const auto samples = samples_of_mnist();
  for (const auto* size : {"1000", "3333", "10000", "20000"}) {
    auto dispatcher = start_dispatcher({"--embedded", "--batch-size", size});
    const auto pass = receive_pass(dispatcher.port);
    CAF_CHECK_EQUAL(pass.problem, "");
    CAF_CHECK(pass.samples == samples);
  }
}
