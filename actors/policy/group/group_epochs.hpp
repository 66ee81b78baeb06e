#pragma once

#include <cstdint>
#include <optional>

#include "actors/policy/order/epoch_steps.hpp"
#include "wire/group/group_batch.hpp"
#include "wire/group/group_spec.hpp"

namespace dispatch::policy {

/// How a group's order is cut into batches and runs. In the epoch in which a group begins, its batches are counted from
/// its beginning.
class group_epochs {
public:
  explicit group_epochs(const group_spec& spec) : spec_(spec) {}

  const group_spec& spec() const noexcept { return spec_; }

  /// The batches of an epoch.
  epoch_steps steps(std::uint64_t epoch) const;

  /// The batch that has a position of an epoch, in samples; nothing where none has.
  std::optional<group_batch> batch_at(std::uint64_t epoch, std::int64_t position) const;

  /// Where a batch begins in its epoch, in samples.
  std::int64_t position_of(group_batch batch) const;

  /// The batches of a run; none behind the last one of an epoch.
  batch_mask batches_of(group_run run) const;

  /// The run itself, or the first one behind it that has batches. The same run where all epochs are over.
  group_run at_or_behind(group_run run) const;

  /// Whether no epoch from this one on is given.
  bool is_behind_end(std::uint64_t epoch) const noexcept { return spec_.end_epoch && epoch >= *spec_.end_epoch; }

private:
  group_spec spec_;
};

} // namespace dispatch::policy
