#pragma once

#include <cstdint>
#include <tuple>

/// @file
/// How the batches of a group are numbered.

namespace dispatch {

/// A batch of a group's order.
struct group_batch {
  std::uint64_t epoch = 0;
  /// From 0, counted from where the group begins in this epoch.
  std::int64_t index = 0;

  friend bool operator==(group_batch a, group_batch b) { return a.epoch == b.epoch && a.index == b.index; }
  friend bool operator!=(group_batch a, group_batch b) { return !(a == b); }
  friend bool operator<(group_batch a, group_batch b) {
    return std::tie(a.epoch, a.index) < std::tie(b.epoch, b.index);
  }
};

/// A batch that a member is given.
struct handed_batch {
  group_batch batch;
  /// Whether a member may have had it before.
  bool is_redelivered = false;
};

/// Names a member of a group on its dispatcher, and is never given twice.
using member_id = std::uint64_t;

/// Batches of a run. What has happened to them fits into one word.
inline constexpr int run_size = 64;

/// Some batches of a run: bit i is its batch i.
using batch_mask = std::uint64_t;

/// Batches of an epoch that follow each other: the last run of an epoch may have fewer than `run_size`.
struct group_run {
  std::uint64_t epoch = 0;
  /// From 0. The run's first batch has the index number * run_size.
  std::int64_t number = 0;

  friend bool operator==(group_run a, group_run b) { return a.epoch == b.epoch && a.number == b.number; }
  friend bool operator!=(group_run a, group_run b) { return !(a == b); }
  friend bool operator<(group_run a, group_run b) { return std::tie(a.epoch, a.number) < std::tie(b.epoch, b.number); }
};

constexpr group_run run_of(group_batch batch) noexcept {
  return {batch.epoch, batch.index / run_size};
}

constexpr int bit_of(group_batch batch) noexcept {
  return static_cast<int>(batch.index % run_size);
}

constexpr group_batch batch_of(group_run run, int bit) noexcept {
  return {run.epoch, run.number * run_size + bit};
}

constexpr batch_mask mask_of(int bit) noexcept {
  return batch_mask{1} << bit;
}

/// The first `count` batches of a run.
constexpr batch_mask first_batches(std::int64_t count) noexcept {
  return count >= run_size ? ~batch_mask{0} : (batch_mask{1} << count) - 1;
}

/// How many batches there are in a mask.
inline int count_of(batch_mask mask) noexcept {
  return __builtin_popcountll(mask);
}

/// The first batch of a mask that has one.
inline int first_of(batch_mask mask) noexcept {
  return __builtin_ctzll(mask);
}

} // namespace dispatch
