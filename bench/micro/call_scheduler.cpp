#include "actors/policy/call_scheduler.hpp"

#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdint>
#include <deque>

namespace {

using namespace dispatch::policy;
using namespace std::chrono_literals;

call_scheduler two_fetchers(std::size_t limit) {
  call_scheduler::options options;
  options.limits = {{limit, limit, limit}};
  call_scheduler scheduler{options};
  scheduler.fetcher_up(1, 0);
  scheduler.fetcher_up(2, 0);
  return scheduler;
}

/// One piece of work from `add` to `complete` while as many others wait.
void add_assign_complete(benchmark::State& state) {
  auto scheduler = two_fetchers(8);
  const call_scheduler::time_point now{};
  for (std::int64_t i = 0; i < state.range(0); ++i)
    scheduler.add();
  std::deque<call_scheduler::assignment> under_way;
  for (auto _ : state) {
    scheduler.add();
    while (const auto next = scheduler.assign(now))
      under_way.push_back(*next);
    benchmark::DoNotOptimize(scheduler.complete(under_way.front().work, under_way.front().fetcher, now));
    under_way.pop_front();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(add_assign_complete)->Arg(0)->Arg(64)->Arg(8192);

/// Looking for work that has waited too long, where there is none: what a tick costs.
void expire_nothing(benchmark::State& state) {
  auto scheduler = two_fetchers(8);
  const call_scheduler::time_point now{};
  for (std::int64_t i = 0; i < state.range(0); ++i)
    scheduler.add();
  for (auto _ : state)
    benchmark::DoNotOptimize(scheduler.expire(now + 1s));
}
BENCHMARK(expire_nothing)->Arg(64)->Arg(8192);

} // namespace
