#pragma once

#include <cstdint>
#include <vector>

#include "wire/session/order_spec.hpp"

namespace dispatch::policy {

/// The positions of an epoch that are not skipped, numbered from 0. Numbers and positions are found from each other in
/// O(log n) for n skipped ranges.
class left_positions {
public:
  /// @param samples in the epoch
  /// @param skipped in any order; ranges may overlap and reach beyond the epoch's end
  left_positions(std::int64_t samples, std::vector<position_range> skipped);

  /// How many there are.
  std::int64_t count() const noexcept { return count_; }

  std::int64_t skipped() const noexcept { return samples_ - count_; }

  /// How many of them stand before a position.
  std::int64_t number_at(std::int64_t position) const noexcept;

  /// The position with this number; the end of the epoch for `count()`.
  std::int64_t position_of(std::int64_t number) const noexcept;

  /// Appends those with the numbers [from, to), as few ranges as can be.
  void append(std::int64_t from, std::int64_t to, std::vector<position_range>& out) const;

private:
  struct run {
    position_range positions;
    /// Of its first position.
    std::int64_t number;
  };

  /// The run with the last `key` that is not above `value`; null where there is none.
  template <class Key>
  const run* last_run(std::int64_t value, Key key) const noexcept;

  std::int64_t samples_;
  std::int64_t count_ = 0;
  std::vector<run> runs_;
};

} // namespace dispatch::policy
