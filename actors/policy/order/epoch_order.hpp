#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "actors/policy/order/keyed_permutation.hpp"
#include "wire/session/order_spec.hpp"

namespace dispatch::policy {

/// Where a sample lies: row `row` of block `block`.
struct row_place {
  std::int64_t block = 0;
  std::int64_t row = 0;

  friend bool operator==(row_place a, row_place b) { return a.block == b.block && a.row == b.row; }
};

/// The samples of one window in their order.
class window_order {
public:
  row_place at(std::int64_t position) const noexcept;

  /// The position of a row of one of its blocks.
  /// @param slot of the block
  std::int64_t position_of(std::int64_t slot, std::int64_t row) const noexcept;

  position_range positions() const noexcept { return {begin_, begin_ + samples_.size()}; }

private:
  friend class epoch_order;

  window_order(const keyed_permutation& blocks, keyed_permutation samples) : blocks_(blocks), samples_(samples) {}

  keyed_permutation blocks_;
  keyed_permutation samples_;
  std::int64_t begin_ = 0;
  std::int64_t block_size_ = 1;
  /// Slots [first_slot_, first_slot_ + slots_).
  std::int64_t first_slot_ = 0;
  std::int64_t slots_ = 0;
  /// Of the short block, which is numbered last; -1 where it is in another window.
  std::int64_t short_slot_ = -1;
};

/// Which sample stands at which position of an epoch (docs/order.md). Everything is found in O(1) time and memory.
///
/// The blocks of the dataset are permuted into slots. `window` slots after each other are a window, and the samples of
/// a window are permuted among each other. A window numbers its samples slot by slot, the short last block of the
/// dataset last; so each window but that one has window * block samples, and it begins at
///
///     begin(w) = w * window * block - (w > window of the short block ? block - rows of the short block : 0)
///
/// Without a shuffle, position p holds sample p.
class epoch_order {
public:
  epoch_order(const order_spec& spec, std::uint64_t epoch);

  const order_spec& spec() const noexcept { return spec_; }

  std::uint64_t epoch() const noexcept { return epoch_; }

  /// @param position in [0, samples)
  row_place at(std::int64_t position) const noexcept;

  std::int64_t sample_at(std::int64_t position) const noexcept;

  /// @param sample in [0, samples)
  std::int64_t position_of(std::int64_t sample) const noexcept;

  /// Rows of a block.
  std::int64_t rows_of(std::int64_t block) const noexcept;

  std::int64_t blocks() const noexcept { return block_count_; }

  // The rest is for an order with a shuffle.

  std::int64_t windows() const noexcept { return (block_count_ - 1) / window_ + 1; }

  std::int64_t window_of(std::int64_t position) const noexcept;

  /// The window that has a block.
  std::int64_t window_with(std::int64_t block) const noexcept { return blocks_.inverse(block) / window_; }

  /// @param index in [0, windows())
  window_order window(std::int64_t index) const noexcept;

  /// The blocks of a window, in the order of their slots.
  std::vector<std::int64_t> blocks_of(std::int64_t window) const;

private:
  std::int64_t begin_of(std::int64_t window) const noexcept;

  order_spec spec_;
  std::uint64_t epoch_;
  std::int64_t block_count_;
  /// Rows that the last block lacks.
  std::int64_t missing_rows_;
  /// Blocks in a window, at most all.
  std::int64_t window_;
  keyed_permutation blocks_;
  std::int64_t short_slot_;
};

} // namespace dispatch::policy
