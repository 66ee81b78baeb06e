#pragma once

#include <array>
#include <cstdint>

namespace dispatch::policy {

/// The finaliser of SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014): a bijection
/// of 64 bits in which each bit of the input decides about half of the bits of the output.
constexpr std::uint64_t mix(std::uint64_t z) noexcept {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

/// The key of one permutation: of the blocks of an epoch (`part` 0), or of the samples in window w (`part` w + 1).
///
///     h = 0;  for x in seed, epoch, part:  h = mix((h + gamma) XOR x)
std::uint64_t permutation_key(std::uint64_t seed, std::uint64_t epoch, std::uint64_t part) noexcept;

/// A permutation of the numbers [0, n) that a key chooses, without a table: each number is found in O(1).
///
/// It is a Feistel network over residues, with cycle walking (Black and Rogaway: Ciphers with Arbitrary Finite Domains,
/// 2002). A number is written as x = l + a * r, where a is the smallest even number with a * a >= n, and
/// b = ceil(n / a). Rounds add to one half what their key makes of the other:
///
///     l = (l + f(k_i XOR r, a)) mod a   in rounds i = 0, 2, 4, ...
///     r = (r + f(k_i XOR l, b)) mod b   in rounds i = 1, 3, 5, ...
///     f(v, m) = floor((mix(v) >> 32) * m / 2^32),  k_i = mix(key + (i + 1) * gamma)
///
/// A result of n or more is put in again, until one is less; a * b < n + a, so that is rare. There are 24 rounds for
/// n < 256, where fewer show in the frequencies of whole permutations, and 12 for others. An odd a would leave some
/// permutations out.
class keyed_permutation {
public:
  /// @param n at least 1
  keyed_permutation(std::uint64_t key, std::int64_t n) noexcept;

  std::int64_t size() const noexcept { return static_cast<std::int64_t>(n_); }

  /// @param x in [0, n)
  std::int64_t at(std::int64_t x) const noexcept;

  /// The number whose place is `y`.
  std::int64_t inverse(std::int64_t y) const noexcept;

private:
  static constexpr std::size_t most_rounds = 24;

  std::array<std::uint64_t, most_rounds> keys_{};
  std::size_t rounds_;
  std::uint64_t n_;
  std::uint64_t a_;
  std::uint64_t b_;
};

} // namespace dispatch::policy
