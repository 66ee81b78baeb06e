#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "actors/policy/order/left_positions.hpp"
#include "wire/session/order_spec.hpp"

namespace dispatch::policy {

/// One batch of a shard.
struct shard_batch {
  /// Where its step begins.
  std::int64_t step_position = 0;
  /// Where the next step begins; the number of samples where this was the last one of the epoch.
  std::int64_t next_position = 0;
  /// What is in it, in this order.
  std::vector<position_range> positions;
  /// Samples in it.
  std::int64_t samples = 0;
  /// How many of them, at its end, fill up the epoch's last step.
  std::int64_t padded = 0;
};

/// A place in a batch of any shard.
struct batch_place {
  std::int64_t step = 0;
  std::int64_t shard = 0;
  /// In the batch, from 0.
  std::int64_t index = 0;

  friend bool operator==(batch_place a, batch_place b) {
    return a.step == b.step && a.shard == b.shard && a.index == b.index;
  }
};

/// The batches that one shard gets of one epoch, from a position on. A step takes the next count * batch_size positions
/// that are not skipped, and gives each shard batch_size of them in the order of the shards:
///
///     batch k of shard i = numbers [first + (k * count + i) * batch_size, + batch_size) of what is left
///
/// So `count` shards together read what one shard with batches of count * batch_size reads.
class epoch_steps {
public:
  struct options {
    /// At least 1.
    std::int64_t batch_size = 1;
    shard_spec shard;
    epoch_end ends = epoch_end::uneven;
  };

  /// @param from position of the first step, from 0 to the end of the epoch
  epoch_steps(left_positions left, options opts, std::int64_t from);

  /// Batches of this shard from `from` on.
  std::int64_t batches() const noexcept { return batches_; }

  /// @param index from 0 to batches() - 1
  shard_batch batch(std::int64_t index) const;

  /// Where a position is delivered, to whichever shard. Nothing where it is skipped, stands before the first step, or
  /// is dropped.
  std::optional<batch_place> place_of(std::int64_t position) const noexcept;

  /// Where a position first fills up the epoch's last step. Nothing where it does not.
  std::optional<batch_place> padding_place_of(std::int64_t position) const noexcept;

  /// Samples of the epoch that no shard gets, because they do not fill a step.
  std::int64_t dropped() const noexcept { return options_.ends == epoch_end::drop ? rest() : 0; }

  /// Samples of the epoch that are skipped, from its beginning on.
  std::int64_t skipped() const noexcept { return left_.skipped(); }

private:
  /// Samples of one step.
  std::int64_t step() const noexcept { return options_.batch_size * options_.shard.count; }
  /// What is left behind the last full step.
  std::int64_t rest() const noexcept { return (left_.count() - first_) % step(); }
  std::int64_t count_batches() const noexcept;
  /// @param number counted from the first step on
  batch_place place_at(std::int64_t number) const noexcept;
  void append_padding(std::int64_t from, std::int64_t count, std::vector<position_range>& out) const;

  left_positions left_;
  options options_;
  /// Number of the first position.
  std::int64_t first_;
  std::int64_t batches_;
};

/// The batches of one epoch of an order.
/// @param skips of all epochs
/// @param from position of the first step
epoch_steps steps_of_epoch(const order_spec& order, const std::vector<skipped_range>& skips, epoch_steps::options opts,
                           std::uint64_t epoch, std::int64_t from);

} // namespace dispatch::policy
