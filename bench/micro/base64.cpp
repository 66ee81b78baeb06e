#include <absl/strings/escaping.h>
#include <benchmark/benchmark.h>
#include <modp_b64.h>
#include <openssl/evp.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "wire/base64_kernels.hpp"

/// @file
/// Ways to encode the payload of one frame. The argument is how many texts are written in turn: 1 stays in the cache of
/// the core, 30 (4 MB) in that of the processor, 300 (38 MB) come from memory. Rates are of payload, not of text.
/// Figures and what follows from them: docs/adr/0010-base64-by-hand.md.

namespace {

/// 30 images of 1 × 28 × 28 floats.
constexpr std::size_t payload_bytes = 94'080;

/// The room for one text, which some candidates terminate with a zero, in whole cache lines.
constexpr std::size_t room_bytes = (dispatch::base64_size(payload_bytes) / 64 + 1) * 64;

const std::string& payload() {
  static const std::string bytes = [] {
    std::mt19937_64 random{1};
    std::string made(payload_bytes, '\0');
    for (auto& c : made)
      c = static_cast<char>(random());
    return made;
  }();
  return bytes;
}

template <class Encode>
void base64(benchmark::State& state, Encode encode) {
  const auto texts = static_cast<std::size_t>(state.range(0));
  std::vector<char> room(texts * room_bytes); // written once, so that no page is new
  std::size_t next = 0;
  for (auto _ : state) {
    encode(payload().data(), room.data() + next * room_bytes);
    benchmark::ClobberMemory();
    next = next + 1 < texts ? next + 1 : 0;
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * payload_bytes));
}

/// The floor: as many bytes written as a text has, from as many read as a payload has.
void copy(const char* data, char* out) {
  std::memcpy(out, data, payload_bytes);
  std::memcpy(out + payload_bytes, data, dispatch::base64_size(payload_bytes) - payload_bytes);
}

/// Abseil encodes into a string of its own, which a frame would have to copy.
void absl_and_copy(const char* data, char* out) {
  const auto text = absl::Base64Escape({data, payload_bytes});
  std::memcpy(out, text.data(), text.size());
}

void openssl(const char* data, char* out) {
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out), reinterpret_cast<const unsigned char*>(data), payload_bytes);
}

void modp(const char* data, char* out) {
  modp_b64_encode(out, data, payload_bytes);
}

/// One of ours, if this machine has it.
void base64_kernel(benchmark::State& state, std::string_view name) {
  for (const auto& candidate : dispatch::base64_kernels())
    if (candidate.name == name)
      return base64(state, [&](const char* data, char* out) {
        dispatch::base64_writer writer{out, candidate.kernel};
        writer.write({data, payload_bytes});
        benchmark::DoNotOptimize(writer.finish());
      });
  state.SkipWithError("this machine cannot run it");
}

/// The fastest of ours, with data in pieces that end within groups.
void base64_in_pieces(benchmark::State& state, std::size_t piece_bytes) {
  base64(state, [&](const char* data, char* out) {
    dispatch::base64_writer writer{out};
    std::string_view rest{data, payload_bytes};
    for (; rest.size() > piece_bytes; rest.remove_prefix(piece_bytes))
      writer.write(rest.substr(0, piece_bytes));
    writer.write(rest);
    benchmark::DoNotOptimize(writer.finish());
  });
}

void with_texts(benchmark::internal::Benchmark* made) {
  made->ArgName("texts")->Arg(1)->Arg(30)->Arg(300);
}

BENCHMARK_CAPTURE(base64, copy, copy)->Apply(with_texts);
BENCHMARK_CAPTURE(base64, absl, absl_and_copy)->Apply(with_texts);
BENCHMARK_CAPTURE(base64, openssl, openssl)->Apply(with_texts);
BENCHMARK_CAPTURE(base64, modp, modp)->Apply(with_texts);
BENCHMARK_CAPTURE(base64_kernel, portable, "portable")->Apply(with_texts);
BENCHMARK_CAPTURE(base64_kernel, avx2, "avx2")->Apply(with_texts);
BENCHMARK_CAPTURE(base64_in_pieces, of_8191, 8191)->Apply(with_texts);
BENCHMARK_CAPTURE(base64_in_pieces, of_1000, 1000)->Apply(with_texts);

} // namespace
