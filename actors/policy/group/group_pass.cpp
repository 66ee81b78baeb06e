#include "actors/policy/group/group_pass.hpp"

#include <algorithm>
#include <utility>

namespace dispatch::policy {

group_pass::group_pass(const group_spec& spec, std::uint64_t epoch, lookahead::options window)
  : slot_pass(spec.start.order, window),
    epochs_(spec),
    open_epoch_(epoch),
    known_epoch_(epoch),
    known_steps_(epochs_.steps(epoch)) {}

void group_pass::hand(const std::vector<handed_batch>& batches) {
  handed_.insert(handed_.end(), batches.begin(), batches.end());
}

void group_pass::move_on(std::uint64_t open_epoch, bool is_over) {
  for (; open_epoch_ < open_epoch; ++open_epoch_) {
    const auto& over = steps_of(open_epoch_);
    append_epoch_end(open_epoch_, over.dropped(), over.skipped());
  }
  if (is_over && !std::exchange(is_over_, true))
    append_end();
}

std::size_t group_pass::free_room() const noexcept {
  return room() - std::min(handed_.size(), room());
}

std::optional<session_pass::wanted> group_pass::ask(time_point now) {
  if (handed_.empty() || room() == 0)
    return std::nullopt;
  const auto next = handed_.front();
  handed_.pop_front();
  return append(now, next.batch.epoch, steps_of(next.batch.epoch).batch(next.batch.index), next.is_redelivered);
}

std::optional<std::int64_t> group_pass::batches() const noexcept {
  return epochs_.steps(departing_epoch().value_or(open_epoch_)).batches();
}

const epoch_steps& group_pass::steps_of(std::uint64_t epoch) {
  if (std::exchange(known_epoch_, epoch) != epoch)
    known_steps_ = epochs_.steps(epoch);
  return known_steps_;
}

} // namespace dispatch::policy
