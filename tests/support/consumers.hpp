#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "dataset/data_source.hpp"
#include "tests/support/stack.hpp"

namespace dispatch::test {

/// How long anything may take that a test waits for.
constexpr std::chrono::seconds test_timeout{60};

/// Consumers that read while the test does something else.
using passes = std::future<std::vector<received_pass>>;

inline passes start_consumers(const server_process& dispatcher, std::size_t count,
                              const progress_function& progress = {}) {
  return std::async(std::launch::async, [=, port = dispatcher.port] { return receive_passes(port, count, progress); });
}

/// `options` with deadlines that are longer than a test waits: a pass that waits for one of them does not end.
inline std::vector<std::string> without_deadlines(std::vector<std::string> options) {
  options.insert(options.end(), {"--call-timeout", "1h", "--give-up-after", "0"});
  return options;
}

/// Waits until so many more consumers are served.
inline void wait_for_clients(server_process& dispatcher, std::size_t count) {
  for (; count > 0; --count)
    dispatcher.program.wait_for_line(" client_start ", test_timeout);
}

/// Lets a test wait until the first consumer has so many batches; the consumer may be made to wait there for the test.
class place_in_pass {
public:
  enum class then { goes_on, waits };

  explicit place_in_pass(std::int64_t batches, then what = then::goes_on) : batches_(batches), what_(what) {}

  progress_function progress() {
    return [state = state_, at = batches_, what = what_](std::int64_t batches) {
      if (batches != at)
        return true;
      state->reached.set_value();
      return what == then::goes_on || state->released.get_future().wait_for(test_timeout) == std::future_status::ready;
    };
  }

  void wait() {
    if (state_->reached.get_future().wait_for(test_timeout) != std::future_status::ready)
      throw std::runtime_error("no consumer came to batch " + std::to_string(batches_));
  }

  void go_on() { state_->released.set_value(); }

private:
  struct shared_state {
    std::promise<void> reached;
    std::promise<void> released;
  };

  std::int64_t batches_;
  then what_;
  std::shared_ptr<shared_state> state_ = std::make_shared<shared_state>();
};

/// All samples of a source that `dataset-server --data` takes.
inline std::string samples_of(const std::string& source) {
  const auto samples = dataset::load_samples(source);
  return std::string{samples.batch(samples.total_samples(), 0)};
}

/// A dataset of many small batches, so that 64 consumers do not take long: 334 of 10 samples, the last of 5.
struct small_dataset {
  static constexpr std::int64_t batches = 334;
  static constexpr std::size_t batch_bytes = 160;

  static std::string samples() { return samples_of("synthetic:3335x16:uint8"); }

  /// `options` and what makes a dataset server serve it.
  static std::vector<std::string> served_with(std::vector<std::string> options = {}) {
    options.insert(options.end(), {"--data", "small=synthetic:3335x16:uint8", "--no-bundled-data"});
    return options;
  }

  /// `options` and what makes a dispatcher stream it.
  static std::vector<std::string> streamed_with(std::vector<std::string> options) {
    options.insert(options.end(), {"--dataset", "small", "--batch-size", "10"});
    return options;
  }
};

/// What is wrong with passes that should be complete; empty: nothing.
inline std::string problem_of(const std::vector<received_pass>& received, std::int64_t batches,
                              const std::string& samples) {
  for (const auto& pass : received) {
    if (pass.error_code)
      return *pass.error_code + ": " + pass.error_message;
    if (!pass.problem.empty())
      return pass.problem;
    if (pass.batches != batches)
      return std::to_string(pass.batches) + " batches instead of " + std::to_string(batches);
    if (pass.samples != samples)
      return "other samples than those of the dataset";
  }
  return {};
}

/// The same for passes over the small dataset.
inline std::string problem_of(const std::vector<received_pass>& received) {
  return problem_of(received, small_dataset::batches, small_dataset::samples());
}

/// All samples of the bundled dataset.
inline std::string samples_of_mnist() {
  const auto& mnist = bundled_mnist();
  return std::string{mnist.batch(mnist.total_samples(), 0)};
}

/// The same for passes over the bundled dataset in batches of 30.
inline std::string problem_of_mnist(const std::vector<received_pass>& received) {
  return problem_of(received, 334, samples_of_mnist());
}

/// Kills a dataset server as if its machine were gone, and starts another one on its port.
/// @param away for how long nobody listens: the fault itself, not synchronisation
void kill_and_restart(server_process& upstream, std::chrono::milliseconds away,
                      const std::vector<std::string>& options);

} // namespace dispatch::test
