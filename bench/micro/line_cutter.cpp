#include "bench/stream/line_cutter.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "bench/stream/pass_check.hpp"
#include "wire/classic_codec.hpp"

namespace {

/// A pass of ten frames like MNIST's.
std::string pass_of_ten() {
  constexpr auto count = 10;
  const dispatch::received_bytes data{std::string(30 * 28 * 28 * 4, '\x2a')};
  std::string result;
  for (auto i = 0; i < count; ++i)
    result.append(dispatch::encode_classic_text({i, false, {{{}, data}}}).view())
      .append(dispatch::encode_classic_tail("client_127.0.0.1:53412", i + 1 == count));
  return result;
}

/// What the load generator itself does to each byte, for pieces of a size.
void check_pass(benchmark::State& state) {
  const auto pass = pass_of_ten();
  const auto piece = static_cast<std::size_t>(state.range(0));
  for (auto _ : state) {
    dispatch::bench::pass_check check;
    for (std::size_t at = 0; at < pass.size(); at += piece)
      check.take(std::string_view{pass}.substr(at, piece));
    if (!check.complete())
      state.SkipWithError("not complete");
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(pass.size()));
}
BENCHMARK(check_pass)->Arg(4 << 10)->Arg(64 << 10)->Arg(256 << 10);

} // namespace
