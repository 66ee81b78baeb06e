#include "wire/base64_kernels.hpp"

#include <array>
#include <cstdint>
#include <cstring>

#if defined(__x86_64__) && defined(__GNUC__)
#define DISPATCH_BASE64_X86 1
#include <immintrin.h>
#endif

namespace dispatch {

namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The two characters of each number of 12 bits. 8 KiB, so it stays in a first-level cache.
using pair_table = std::array<char, 2 * 4096>;

constexpr pair_table make_pairs() {
  pair_table pairs{};
  for (std::size_t bits = 0; bits < 4096; ++bits) {
    pairs[2 * bits] = alphabet[bits >> 6];
    pairs[2 * bits + 1] = alphabet[bits & 63];
  }
  return pairs;
}

constexpr pair_table pairs = make_pairs();

std::uint32_t bits_of(char c) noexcept {
  return static_cast<unsigned char>(c);
}

#ifdef DISPATCH_BASE64_X86

// The vector kernel follows W. Muła and D. Lemire: "Faster Base64 Encoding and Decoding using AVX2 Instructions"
// (2017) and "Base64 encoding and decoding at almost the speed of a memory copy" (2019). A group a b c becomes the
// bytes b a c b, so that both 16-bit halves (little endian: ab and bc) hold two whole sextets each:
//
//     half ab: sextet 0 in bits 10-15, sextet 1 in bits 4-9        half bc: sextet 2 in bits 6-11, sextet 3 in bits 0-5

/// Eight groups, as they lie in the two halves of a vector that was loaded from bytes 0-15 and 8-23, as b a c b.
__attribute__((target("avx2"))) inline __m256i spread_avx2(__m256i loaded) noexcept {
  return _mm256_shuffle_epi8(loaded, _mm256_setr_epi8(1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10, //
                                                      5, 4, 6, 5, 8, 7, 9, 8, 11, 10, 12, 11, 14, 13, 15, 14));
}

/// The sextets of eight groups, each in a byte of its own. There is no shift of 16-bit lanes by different widths, so
/// multiplications do that.
__attribute__((target("avx2"))) inline __m256i sextets_avx2(__m256i spread) noexcept {
  const auto even = _mm256_and_si256(spread, _mm256_set1_epi32(0x0fc0fc00));
  const auto odd = _mm256_and_si256(spread, _mm256_set1_epi32(0x003f03f0));
  return _mm256_or_si256(_mm256_mulhi_epu16(even, _mm256_set1_epi32(0x04000040)),
                         _mm256_mullo_epi16(odd, _mm256_set1_epi32(0x01000010)));
}

/// The characters of 32 sextets: each lies in one of five ranges of ASCII, at a fixed distance from its value. The
/// index into the table of distances is 0 for A-Z, 1 for a-z, 2 to 11 for the digits, 12 for + and 13 for /.
__attribute__((target("avx2"))) inline __m256i characters_avx2(__m256i sextets) noexcept {
  const auto distances =
    _mm256_broadcastsi128_si256(_mm_setr_epi8('A', 'a' - 26, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52,
                                              '0' - 52, '0' - 52, '0' - 52, '0' - 52, '+' - 62, '/' - 63, 0, 0));
  const auto beyond_letters = _mm256_subs_epu8(sextets, _mm256_set1_epi8(51));
  const auto beyond_capitals = _mm256_cmpgt_epi8(sextets, _mm256_set1_epi8(25)); // -1 where true
  const auto range = _mm256_sub_epi8(beyond_letters, beyond_capitals);
  return _mm256_add_epi8(sextets, _mm256_shuffle_epi8(distances, range));
}

/// 24 bytes at a time. Two loads that overlap, because one of 32 bytes would read beyond the data.
__attribute__((target("avx2"))) void base64_avx2(const char* data, std::size_t groups, char* out) noexcept {
  for (; groups >= 8; groups -= 8, data += 24, out += 32) {
    const auto low = _mm_loadu_si128(reinterpret_cast<const __m128i*>(data));
    const auto high = _mm_loadu_si128(reinterpret_cast<const __m128i*>(data + 8));
    const auto spread = spread_avx2(_mm256_set_m128i(high, low));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), characters_avx2(sextets_avx2(spread)));
  }
  base64_portable(data, groups, out);
}

#endif

} // namespace

void base64_portable(const char* data, std::size_t groups, char* out) noexcept {
  for (; groups > 0; --groups, data += 3, out += 4) {
    const auto bits = bits_of(data[0]) << 16 | bits_of(data[1]) << 8 | bits_of(data[2]);
    std::memcpy(out, pairs.data() + 2 * (bits >> 12), 2);
    std::memcpy(out + 2, pairs.data() + 2 * (bits & 4095), 2);
  }
}

std::vector<named_base64_kernel> base64_kernels() {
  std::vector<named_base64_kernel> kernels;
#ifdef DISPATCH_BASE64_X86
  // This asks the operating system too: it must save the wide registers.
  if (__builtin_cpu_supports("avx2"))
    kernels.push_back({"avx2", base64_avx2});
#endif
  kernels.push_back({"portable", base64_portable});
  return kernels;
}

} // namespace dispatch
