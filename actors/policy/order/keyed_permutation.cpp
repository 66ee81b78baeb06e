#include "actors/policy/order/keyed_permutation.hpp"

#include <cmath>

namespace dispatch::policy {

namespace {

/// 2^64 divided by the golden ratio, odd.
constexpr std::uint64_t gamma = 0x9e3779b97f4a7c15u;

/// The smallest even a with a * a >= n.
std::uint64_t root_of(std::uint64_t n) noexcept {
  auto a = static_cast<std::uint64_t>(std::sqrt(static_cast<double>(n)));
  while (a * a < n)
    ++a;
  while (a > 1 && (a - 1) * (a - 1) >= n)
    --a;
  return a + a % 2;
}

/// A number in [0, m).
std::uint64_t scaled(std::uint64_t v, std::uint64_t m) noexcept {
  return ((mix(v) >> 32) * m) >> 32;
}

} // namespace

std::uint64_t permutation_key(std::uint64_t seed, std::uint64_t epoch, std::uint64_t part) noexcept {
  std::uint64_t h = 0;
  for (const auto x : {seed, epoch, part})
    h = mix((h + gamma) ^ x);
  return h;
}

keyed_permutation::keyed_permutation(std::uint64_t key, std::int64_t n) noexcept
  : rounds_(n < 256 ? 24 : 12),
    n_(static_cast<std::uint64_t>(n)),
    a_(root_of(n_)),
    b_((n_ + a_ - 1) / a_) {
  for (std::size_t i = 0; i < rounds_; ++i)
    keys_[i] = mix(key + (i + 1) * gamma);
}

std::int64_t keyed_permutation::at(std::int64_t x) const noexcept {
  auto l = static_cast<std::uint64_t>(x) % a_;
  auto r = static_cast<std::uint64_t>(x) / a_;
  do {
    for (std::size_t i = 0; i < rounds_; i += 2) {
      l += scaled(keys_[i] ^ r, a_);
      l -= l >= a_ ? a_ : 0;
      r += scaled(keys_[i + 1] ^ l, b_);
      r -= r >= b_ ? b_ : 0;
    }
  } while (l + a_ * r >= n_);
  return static_cast<std::int64_t>(l + a_ * r);
}

std::int64_t keyed_permutation::inverse(std::int64_t y) const noexcept {
  auto l = static_cast<std::uint64_t>(y) % a_;
  auto r = static_cast<std::uint64_t>(y) / a_;
  do {
    for (std::size_t i = rounds_; i > 0; i -= 2) {
      r += b_ - scaled(keys_[i - 1] ^ l, b_);
      r -= r >= b_ ? b_ : 0;
      l += a_ - scaled(keys_[i - 2] ^ r, a_);
      l -= l >= a_ ? a_ : 0;
    }
  } while (l + a_ * r >= n_);
  return static_cast<std::int64_t>(l + a_ * r);
}

} // namespace dispatch::policy
