#define CAF_SUITE upstream_exchanges

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <atomic>
#include <future>
#include <random>
#include <thread>

#include "tests/chaos/fault_proxy.hpp"
#include "tests/support/consumers.hpp"

using namespace dispatch::test;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t seed = 20240722;

/// A port whose connections lead to one server and, from one moment to the next, to another one.
class exchange {
public:
  explicit exchange(std::uint16_t server_port) {
    proxy_.lead_to(server_port);
    thread_ = std::thread{[this] { serve(); }};
  }

  ~exchange() {
    stopped_ = true;
    thread_.join();
  }

  exchange(const exchange&) = delete;
  exchange& operator=(const exchange&) = delete;

  std::string address() const { return "127.0.0.1:" + std::to_string(proxy_.port()); }

  /// Within a moment, all connections are reset; whoever connects then comes to this server, at once.
  void lead_to(std::uint16_t server_port) { next_ = server_port; }

private:
  void serve() {
    dispatch::chaos::poll_set ready;
    while (!stopped_) {
      if (const auto next = next_.exchange(0); next != 0) {
        proxy_.lead_nowhere();
        proxy_.lead_to(next);
      }
      ready.clear();
      proxy_.watch(ready, std::chrono::steady_clock::now());
      ready.wait(1ms);
      proxy_.serve(ready, std::chrono::steady_clock::now());
    }
  }

  dispatch::chaos::fault_proxy proxy_;
  /// A server's port; 0: all stays as it is.
  std::atomic<std::uint16_t> next_{0};
  std::atomic<bool> stopped_{false};
  std::thread thread_;
};

/// What is wrong with a pass over one of several datasets; empty: nothing. An exchange may have cut it short.
std::string problem_of_one(const received_pass& pass, const std::vector<std::string>& datasets) {
  const auto is_begin_of = [&](const std::string& samples) {
    return samples.compare(0, pass.samples.size(), pass.samples) == 0;
  };
  if (std::none_of(datasets.begin(), datasets.end(), is_begin_of))
    return "of neither dataset, after " + std::to_string(pass.batches) + " batches";
  if (pass.error_code)
    return *pass.error_code == "ABORTED" ? "" : *pass.error_code + ": " + pass.error_message;
  if (std::find(datasets.begin(), datasets.end(), pass.samples) == datasets.end())
    return "EOF before the end, after " + std::to_string(pass.batches) + " batches";
  return pass.problem;
}

} // namespace

CAF_TEST(a dataset that is exchanged while calls are under way is never mixed with the one before) {
  const std::vector<std::string> sources{"synthetic:3000x10:uint8", "synthetic:2400x12:uint8"};
  const std::vector<std::string> datasets{samples_of(sources[0]), samples_of(sources[1])};
  const auto first = start_dataset_server({"--data", "d=" + sources[0]});
  const auto second = start_dataset_server({"--data", "d=" + sources[1]});
  exchange port{first.port};
  auto dispatcher = start_dispatcher(
    {"--upstream", port.address(), "--dataset", "d", "--batch-size", "10", "--cache-mb", "0", "--fetch-mode", "get"});
  std::atomic<bool> enough{false};
  auto consumers = std::async(std::launch::async, [&] {
    std::vector<received_pass> all;
    while (!enough)
      for (auto& pass : receive_passes(dispatcher.port, 8))
        all.push_back(std::move(pass));
    return all;
  });
  std::mt19937_64 random{seed};
  std::uniform_int_distribution<int> pause{20, 150};
  for (auto i = 0; i < 40; ++i) {
    // The fault itself and no synchronisation: it comes at any moment of a pass.
    std::this_thread::sleep_for(std::chrono::milliseconds{pause(random)});
    port.lead_to((i % 2 == 0 ? second : first).port);
  }
  enough = true;
  for (const auto& pass : consumers.get())
    CAF_CHECK_EQUAL(problem_of_one(pass, datasets), "");
  CAF_CHECK_EQUAL(problem_of(receive_passes(dispatcher.port, 8), 300, datasets[0]), "");
}
