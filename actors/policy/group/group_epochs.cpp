#include "actors/policy/group/group_epochs.hpp"

#include <algorithm>

namespace dispatch::policy {

epoch_steps group_epochs::steps(std::uint64_t epoch) const {
  const auto from = epoch == spec_.start.epoch ? spec_.start.position : 0;
  return steps_of_epoch(spec_.start.order, spec_.start.skips, {spec_.batch_size, {}, spec_.ends}, epoch, from);
}

std::optional<group_batch> group_epochs::batch_at(std::uint64_t epoch, std::int64_t position) const {
  if (epoch < spec_.start.epoch || is_behind_end(epoch))
    return std::nullopt;
  const auto place = steps(epoch).place_of(position);
  return place ? std::optional<group_batch>{{epoch, place->step}} : std::nullopt;
}

std::int64_t group_epochs::position_of(group_batch batch) const {
  return steps(batch.epoch).batch(batch.index).step_position;
}

batch_mask group_epochs::batches_of(group_run run) const {
  const auto left = steps(run.epoch).batches() - run.number * run_size;
  return first_batches(std::clamp<std::int64_t>(left, 0, run_size));
}

group_run group_epochs::at_or_behind(group_run run) const {
  // An epoch without batches is one that is skipped, and few are.
  while (!is_behind_end(run.epoch) && batches_of(run) == 0)
    run = {run.epoch + 1, 0};
  return run;
}

} // namespace dispatch::policy
