#define CAF_SUITE upstream_restarts

#include <caf/test/unit_test.hpp>

#include <random>

#include "tests/support/consumers.hpp"
#include "tests/support/contains.hpp"

using namespace dispatch::test;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t seed = 20240611;

/// Restarts that the first consumer of a pass makes at random batches.
class restarts_in_pass {
public:
  restarts_in_pass(server_process& upstream, std::vector<std::string> options, std::int64_t batches, int count)
    : upstream_(upstream),
      options_(std::move(options)) {
    std::mt19937_64 random{seed};
    for (std::int64_t i = 0; i < count; ++i)
      at_.push_back(batches * i / count + std::uniform_int_distribution<std::int64_t>{1, batches / count}(random));
  }

  progress_function progress() {
    return [this](std::int64_t batches) {
      if (done_ < at_.size() && batches == at_[done_]) {
        ++done_;
        kill_and_restart(upstream_, 3s, options_);
      }
      return true;
    };
  }

  std::size_t done() const { return done_; }

private:
  server_process& upstream_;
  std::vector<std::string> options_;
  std::vector<std::int64_t> at_;
  std::size_t done_ = 0;
};

} // namespace

CAF_TEST(a dataset server that is killed ten times in one pass and comes back 3 s later each time) {
  // No batch is kept, and few are on their way, so that each restart is felt.
  const auto options = small_dataset::served_with({"--latency-ms", "1"});
  auto upstream = start_dataset_server(options);
  const auto start = [&] {
    return start_dispatcher(
      small_dataset::streamed_with({"--upstream", upstream.address(), "--cache-mb", "0", "--window", "8"}));
  };
  auto for_one = start();
  auto for_many = start();
  restarts_in_pass restarts{upstream, options, small_dataset::batches, 10};
  auto one = start_consumers(for_one, 1);
  auto many = start_consumers(for_many, 64, restarts.progress());
  CAF_CHECK_EQUAL(problem_of(many.get()), "");
  CAF_CHECK_EQUAL(problem_of(one.get()), "");
  CAF_CHECK_EQUAL(restarts.done(), 10u);
}

CAF_TEST(a dataset server that comes back with another dataset while nobody is there) {
  constexpr auto* before = "synthetic:3000x10:uint8";
  constexpr auto* after = "synthetic:2000x12:uint8";
  auto upstream = start_dataset_server({"--data", std::string{"d="} + before});
  auto dispatcher = start_dispatcher({"--upstream", upstream.address(), "--dataset", "d", "--batch-size", "10"});
  // All of it is in the cache now.
  CAF_CHECK_EQUAL(problem_of({receive_pass(dispatcher.port)}, 300, samples_of(before)), "");
  for (const auto away : {0ms, 2500ms}) {
    kill_and_restart(upstream, away, {"--data", std::string{"d="} + after});
    CAF_CHECK_EQUAL(problem_of(receive_passes(dispatcher.port, 8), 200, samples_of(after)), "");
    kill_and_restart(upstream, away, {"--data", std::string{"d="} + before});
    CAF_CHECK_EQUAL(problem_of(receive_passes(dispatcher.port, 8), 300, samples_of(before)), "");
  }
}

CAF_TEST(a dataset server that comes back with another dataset in the middle of a pass) {
  // So large that what is on its way when the server dies is not the rest of the pass.
  constexpr auto* before = "synthetic:3000x8000:uint8";
  for (const auto* mode : {"get", "stream"}) {
    auto upstream = start_dataset_server({"--data", std::string{"d="} + before});
    auto dispatcher = start_dispatcher({"--upstream", upstream.address(), "--dataset", "d", "--batch-size", "10",
                                        "--window", "8", "--fetch-mode", mode});
    place_in_pass middle{100, place_in_pass::then::waits};
    auto consumers = start_consumers(dispatcher, 1, middle.progress());
    middle.wait();
    kill_and_restart(upstream, 100ms, {"--data", "d=synthetic:2000x12:uint8"});
    middle.go_on();
    const auto received = consumers.get().at(0);
    CAF_REQUIRE(received.error_code);
    CAF_CHECK_EQUAL(*received.error_code, "ABORTED");
    CAF_CHECK(contains(received.error_message, "another dataset"));
    // What came before the error is all of the dataset that the pass began with.
    CAF_CHECK_EQUAL(received.samples, samples_of(before).substr(0, received.samples.size()));
    CAF_CHECK_EQUAL(problem_of({receive_pass(dispatcher.port)}, 200, samples_of("synthetic:2000x12:uint8")), "");
  }
}

CAF_TEST(a dataset server that comes back as it was in the middle of a pass) {
  for (const auto* mode : {"get", "stream", "auto"}) {
    const auto options = small_dataset::served_with({"--latency-ms", "1"});
    auto upstream = start_dataset_server(options);
    auto dispatcher = start_dispatcher(
      small_dataset::streamed_with({"--upstream", upstream.address(), "--window", "8", "--fetch-mode", mode}));
    place_in_pass middle{100};
    auto consumers = start_consumers(dispatcher, 8, middle.progress());
    middle.wait();
    kill_and_restart(upstream, 50ms, options);
    CAF_CHECK_EQUAL(problem_of(consumers.get()), "");
  }
}
