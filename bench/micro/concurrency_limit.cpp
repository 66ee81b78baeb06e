#include "actors/policy/concurrency_limit.hpp"

#include <benchmark/benchmark.h>

#include <chrono>
#include <cstddef>
#include <deque>

namespace {

using namespace std::chrono_literals;
using dispatch::policy::concurrency_limit;

/// One call from `started` to `completed`, with as many under way as the limit says. Calls take `range(0)` microseconds
/// of the time that is passed in, however many there are: the upstream is one that more calls make faster.
void start_and_complete(benchmark::State& state) {
  const std::chrono::microseconds each{state.range(0)};
  concurrency_limit subject{{}};
  concurrency_limit::time_point now{1h};
  std::deque<concurrency_limit::time_point> under_way;
  for (auto _ : state) {
    while (under_way.size() < subject.limit()) {
      subject.started(now);
      under_way.push_back(now);
    }
    now += each / static_cast<int>(under_way.size());
    subject.completed(under_way.front(), now, concurrency_limit::outcome::ok);
    under_way.pop_front();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(start_and_complete)->Arg(100)->Arg(5000);

} // namespace
