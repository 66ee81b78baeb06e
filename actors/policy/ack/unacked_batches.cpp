#include "actors/policy/ack/unacked_batches.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

namespace dispatch::policy {

void unacked_batches::depart(const entry& batch) {
  batches_[next_++] = {batch, std::exchange(last_place_, batch.place)};
}

std::variant<std::vector<unacked_batches::entry>, failure> unacked_batches::acknowledge(const ack& said) {
  auto sequences = said.sequences;
  if (said.cursor) {
    auto found = find(*said.cursor);
    if (auto* reason = std::get_if<failure>(&found))
      return std::move(*reason);
    sequences = {std::get<std::uint64_t>(found)};
  }
  std::sort(sequences.begin(), sequences.end());
  if (!sequences.empty() && sequences.back() >= next_)
    return failure{status_code::invalid_argument,
                   "seq: got " + std::to_string(sequences.back()) + "; this session was sent "
                     + (next_ == 0 ? std::string{"no batch"} : "batches 0 to " + std::to_string(next_ - 1))};
  std::vector<entry> used;
  if (mode_ == ack_mode::next && !sequences.empty()) {
    const auto end = batches_.upper_bound(sequences.back());
    for (auto each = batches_.begin(); each != end; each = batches_.erase(each))
      used.push_back(each->second.what);
    return used;
  }
  for (const auto sequence : sequences)
    if (const auto found = batches_.find(sequence); found != batches_.end()) {
      used.push_back(found->second.what);
      batches_.erase(found);
    }
  return used;
}

std::variant<std::uint64_t, failure> unacked_batches::find(const session_cursor& cursor) const {
  const auto found = std::find_if(batches_.begin(), batches_.end(), [&](const auto& each) {
    const auto place = each.second.what.place;
    return place.epoch == cursor.epoch && place.position == cursor.position;
  });
  if (found == batches_.end())
    return failure{status_code::invalid_argument,
                   "cursor: no batch of this session that is not acknowledged ends at position "
                     + std::to_string(cursor.position) + " of epoch " + std::to_string(cursor.epoch)};
  return found->first;
}

std::vector<group_batch> unacked_batches::from(std::uint64_t sequence) const {
  std::vector<group_batch> result;
  for (auto each = batches_.lower_bound(sequence); each != batches_.end(); ++each)
    if (each->second.what.batch)
      result.push_back(*each->second.what.batch);
  return result;
}

} // namespace dispatch::policy
