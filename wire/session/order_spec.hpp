#pragma once

#include <cstdint>
#include <optional>
#include <vector>

/// @file
/// What an order of samples is made from (docs/order.md), as values.

namespace dispatch {

/// The version of the order's definition, which never changes under its number.
inline constexpr int order_version = 1;

/// No dataset has more samples; sums of a few such numbers fit into 64 bits.
inline constexpr std::int64_t most_samples = std::int64_t{1} << 52;

struct shuffle_spec {
  std::uint64_t seed = 0;
  /// Blocks whose samples are mixed with each other, at least 1.
  std::int64_t window = 1;

  friend bool operator==(const shuffle_spec& a, const shuffle_spec& b) {
    return a.seed == b.seed && a.window == b.window;
  }
};

/// Gives each position of each epoch a sample.
struct order_spec {
  /// Of the dataset, 1 to `most_samples`.
  std::int64_t samples = 1;
  /// Samples in a block, at least 1; the last block holds the rest.
  std::int64_t block = 1;
  /// Nothing: the dataset's own order.
  std::optional<shuffle_spec> shuffle;

  friend bool operator==(const order_spec& a, const order_spec& b) {
    return a.samples == b.samples && a.block == b.block && a.shuffle == b.shuffle;
  }
};

/// Positions [from, to) of an epoch.
struct position_range {
  std::int64_t from = 0;
  std::int64_t to = 0;

  std::int64_t size() const noexcept { return to - from; }

  friend bool operator==(position_range a, position_range b) { return a.from == b.from && a.to == b.to; }
};

/// Positions of an epoch that are never to be delivered.
struct skipped_range {
  std::uint64_t epoch = 0;
  position_range positions;

  friend bool operator==(const skipped_range& a, const skipped_range& b) {
    return a.epoch == b.epoch && a.positions == b.positions;
  }
};

/// Of every step of `count` batches, the one with this index.
struct shard_spec {
  std::int64_t index = 0;
  std::int64_t count = 1;
};

/// How an epoch ends whose samples do not fill its last step.
enum class epoch_end : std::uint8_t {
  /// Its batches are shorter, and some shards may have none.
  uneven,
  /// It is left out: every shard has the same number of full batches.
  drop,
  /// It is filled from the epoch's first positions.
  pad,
};

} // namespace dispatch
