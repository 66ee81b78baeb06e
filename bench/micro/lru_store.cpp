#include "actors/policy/lru_store.hpp"

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "messages/batch_key.hpp"

namespace {

using frame = std::shared_ptr<const std::string>;
using store = dispatch::policy::lru_store<dispatch::batch_key, frame, dispatch::batch_key_hash>;

/// Bytes of a frame of MNIST.
constexpr std::size_t frame_bytes = 125'600;

dispatch::batch_key key_of(std::int32_t index) {
  return {"mnist", 30, index};
}

/// A store that has just the room for frames 0 to `count` - 1, and holds them.
store full_store(std::int32_t count, const frame& content) {
  store result{static_cast<std::size_t>(count) * frame_bytes};
  for (std::int32_t i = 0; i < count; ++i)
    result.insert(key_of(i), content, frame_bytes);
  return result;
}

/// A pass over frames that are there, one look-up an iteration.
void find_frame(benchmark::State& state) {
  const auto count = static_cast<std::int32_t>(state.range(0));
  auto frames = full_store(count, std::make_shared<const std::string>("frame"));
  auto key = key_of(0);
  for (auto _ : state) {
    benchmark::DoNotOptimize(frames.find(key));
    key.index = key.index + 1 < count ? key.index + 1 : 0;
  }
}
BENCHMARK(find_frame)->Arg(334)->Arg(100'000);

/// Keeping a frame that another has to make room for.
void insert_and_evict(benchmark::State& state) {
  const auto content = std::make_shared<const std::string>("frame");
  auto frames = full_store(static_cast<std::int32_t>(state.range(0)), content);
  auto key = key_of(static_cast<std::int32_t>(state.range(0)));
  for (auto _ : state) {
    frames.insert(key, content, frame_bytes);
    ++key.index;
  }
}
BENCHMARK(insert_and_evict)->Arg(334)->Arg(100'000);

} // namespace
