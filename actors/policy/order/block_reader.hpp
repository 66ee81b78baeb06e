#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "actors/policy/order/epoch_order.hpp"
#include "actors/policy/order/held_windows.hpp"
#include "wire/session/order_spec.hpp"

namespace dispatch::policy {

/// Rows of one block that follow each other in an order.
struct block_rows {
  std::int64_t block = 0;
  std::int64_t row = 0;
  std::int64_t count = 0;
};

/// Says which rows of which blocks stand at positions of an order, and in which windows blocks are read. An order
/// without a shuffle is read in windows too: of `plain_window` blocks, one after the other.
class block_reader {
public:
  static constexpr std::int64_t plain_window = 16;

  explicit block_reader(const order_spec& order) : current_(order, 0) {}

  /// Windows of an epoch.
  std::int64_t windows() const noexcept;

  window_id window_at(std::uint64_t epoch, std::int64_t position);

  /// Whether a window has this block.
  bool has(window_id window, std::int64_t block);

  /// The blocks of a window, sorted.
  std::vector<std::int64_t> blocks_of(window_id window);

  /// What stands at these positions.
  std::vector<block_rows> rows_at(std::uint64_t epoch, const std::vector<position_range>& positions);

private:
  const epoch_order& order_of(std::uint64_t epoch);
  void append_plain(position_range range, std::vector<block_rows>& out) const;
  void append_shuffled(const epoch_order& order, position_range range, std::vector<block_rows>& out) const;

  epoch_order current_;
  /// Readers are in one epoch or in the one before.
  std::optional<epoch_order> other_;
};

} // namespace dispatch::policy
