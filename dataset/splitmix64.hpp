#pragma once

#include <cstdint>

namespace dispatch::dataset {

/// Steele, Lea and Flood's SplitMix64: numbers that are the same on every machine for the same seed, which
/// those of the standard library's distributions are not. Not for secrets.
class splitmix64 {
public:
  explicit splitmix64(std::uint64_t seed) noexcept : state_(seed) {}

  /// The next 64 random bits.
  std::uint64_t next() noexcept {
    state_ += 0x9e3779b97f4a7c15u;
    auto z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }

  /// Evenly distributed over 0 to bound - 1.
  /// @param bound at least 1
  std::uint64_t below(std::uint64_t bound) noexcept {
    // 2^64 mod bound: this many of the lowest draws would make some results more likely than others.
    auto surplus = (0 - bound) % bound;
    for (;;) {
      auto draw = next();
      if (draw >= surplus)
        return draw % bound;
    }
  }

private:
  std::uint64_t state_;
};

} // namespace dispatch::dataset
