#include "wire/classic_codec.hpp"

#include <benchmark/benchmark.h>

#include <cstddef>
#include <random>
#include <string>

namespace {

/// Bytes of 30 images of MNIST as float32.
constexpr std::size_t batch_bytes = 30 * 28 * 28 * 4;

/// Bytes that differ, the same each time.
std::string samples(std::size_t size) {
  std::mt19937 generator{1};
  std::string result(size, '\0');
  for (auto& byte : result)
    byte = static_cast<char>(generator());
  return result;
}

void encode_text(benchmark::State& state) {
  const dispatch::received_bytes data{samples(static_cast<std::size_t>(state.range(0)))};
  const dispatch::received_batch batch{123, false, {{{}, data}}};
  for (auto _ : state)
    benchmark::DoNotOptimize(dispatch::encode_classic_text(batch));
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(encode_text)->Arg(1024)->Arg(batch_bytes)->Arg(4 << 20);

void encode_tail(benchmark::State& state) {
  for (auto _ : state)
    benchmark::DoNotOptimize(dispatch::encode_classic_tail("client_127.0.0.1:53412", false));
}
BENCHMARK(encode_tail);

} // namespace
