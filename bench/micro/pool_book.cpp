#include "actors/policy/pool_book.hpp"

#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdint>
#include <deque>

namespace {

using namespace dispatch::policy;
using namespace std::chrono_literals;

pool_book two_workers(std::size_t limit) {
  pool_book::options options;
  options.limits = {limit};
  options.patience = 1min;
  pool_book book{options};
  book.worker_up(1, 0);
  book.worker_up(2, 0);
  return book;
}

/// One piece of work from `add` to `complete` while as many others wait.
void add_assign_complete(benchmark::State& state) {
  auto book = two_workers(8);
  const pool_book::time_point now{};
  for (std::int64_t i = 0; i < state.range(0); ++i)
    book.add(now);
  std::deque<pool_book::assignment> under_way;
  for (auto _ : state) {
    book.add(now);
    while (const auto next = book.assign(now))
      under_way.push_back(*next);
    benchmark::DoNotOptimize(book.complete(under_way.front().work, under_way.front().worker, now));
    under_way.pop_front();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(add_assign_complete)->Arg(0)->Arg(64)->Arg(8192);

/// Looking for work that has waited too long, where there is none: what a tick costs.
void expire_nothing(benchmark::State& state) {
  auto book = two_workers(8);
  const pool_book::time_point now{};
  for (std::int64_t i = 0; i < state.range(0); ++i)
    book.add(now);
  for (auto _ : state)
    benchmark::DoNotOptimize(book.expire(now + 1s));
}
BENCHMARK(expire_nothing)->Arg(64)->Arg(8192);

} // namespace
