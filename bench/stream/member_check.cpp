#include "bench/stream/member_check.hpp"

namespace dispatch::bench {

std::optional<stream_fault> member_check::judge_batch_epoch(const session_note& batch) {
  if (batch.epoch < next_end_.value_or(batch.epoch))
    return stream_fault::wrong_order;
  ++open_[batch.epoch];
  account_.add_batch(batch.epoch, batch.is_redelivered);
  return std::nullopt;
}

std::optional<stream_fault> member_check::judge_epoch_end(const session_note& end) {
  if (end.epoch != next_end_.value_or(end.epoch))
    return stream_fault::wrong_order;
  const auto found = open_.find(end.epoch);
  if (end.number != (found == open_.end() ? 0 : found->second))
    return stream_fault::wrong_count;
  if (found != open_.end())
    open_.erase(found);
  next_end_ = end.epoch + 1;
  account_.end_epoch(end.epoch);
  return std::nullopt;
}

} // namespace dispatch::bench
