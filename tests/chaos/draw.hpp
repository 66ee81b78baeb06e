#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "dataset/splitmix64.hpp"

namespace dispatch::chaos {

/// Draws that are the same everywhere for the same seed.
using random_source = dataset::splitmix64;

using std::chrono::milliseconds;

/// Evenly distributed from `least` to `most`, both included.
inline std::uint64_t draw_between(random_source& random, std::uint64_t least, std::uint64_t most) {
  return least + random.below(most - least + 1);
}

/// The same for durations, in whole milliseconds.
inline milliseconds draw_between(random_source& random, milliseconds least, milliseconds most) {
  const auto drawn =
    draw_between(random, static_cast<std::uint64_t>(least.count()), static_cast<std::uint64_t>(most.count()));
  return milliseconds{static_cast<milliseconds::rep>(drawn)};
}

/// Deals cards in a random order, and all of them before any comes again: what is rare comes all the same.
template <class Card>
class deck {
public:
  /// @param cards at least one; a card that is there twice comes twice as often
  explicit deck(std::vector<Card> cards) : cards_(std::move(cards)), left_(0) {}

  Card deal(random_source& random) {
    if (left_ == 0)
      left_ = cards_.size();
    const auto drawn = static_cast<std::size_t>(random.below(left_));
    std::swap(cards_[drawn], cards_[--left_]);
    return cards_[left_];
  }

private:
  std::vector<Card> cards_;
  std::size_t left_; // of this round, at the front
};

} // namespace dispatch::chaos
