#include "actors/policy/window.hpp"

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <variant>

namespace {

using frame = std::shared_ptr<const std::string>;
using window = dispatch::policy::window<frame, std::string>;

/// One batch from `ask` to `written` in a full window, answered in order.
void ask_arrive_deliver(benchmark::State& state) {
  const window::time_point now{};
  const dispatch::policy::pass_position endless{std::numeric_limits<std::int32_t>::max()};
  const auto content = std::make_shared<const std::string>("frame");
  window subject{static_cast<std::size_t>(state.range(0)), endless};
  std::int32_t answered = 0;
  for (auto _ : state) {
    while (subject.ask(now)) {
    }
    subject.arrived(answered++, content, {});
    while (const auto next = subject.next()) {
      benchmark::DoNotOptimize(std::get<window::delivery>(*next).last);
      subject.written(1);
    }
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(ask_arrive_deliver)->Arg(1)->Arg(8)->Arg(64);

} // namespace
