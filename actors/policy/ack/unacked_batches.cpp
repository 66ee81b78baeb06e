#include "actors/policy/ack/unacked_batches.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

namespace dispatch::policy {

void unacked_batches::depart(const entry& batch) {
  batches_[next_++] = {batch, std::exchange(last_place_, batch.place)};
  if (furthest_ < batch.place)
    furthest_ = batch.place;
}

std::variant<std::vector<unacked_batches::entry>, failure> unacked_batches::acknowledge(const ack& said) {
  auto sequences = said.sequences;
  if (said.cursor) {
    const epoch_position place{said.cursor->epoch, said.cursor->position};
    if (furthest_ < place)
      return failure{status_code::invalid_argument,
                     "cursor: got position " + std::to_string(place.position) + " of epoch "
                       + std::to_string(place.epoch) + "; this session was sent nothing behind position "
                       + std::to_string(furthest_.position) + " of epoch " + std::to_string(furthest_.epoch)};
    sequences = ending_at(place);
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

std::vector<std::uint64_t> unacked_batches::ending_at(epoch_position place) const {
  const auto found =
    std::find_if(batches_.begin(), batches_.end(), [&](const auto& each) { return each.second.what.place == place; });
  return found != batches_.end() ? std::vector<std::uint64_t>{found->first} : std::vector<std::uint64_t>{};
}

std::vector<group_batch> unacked_batches::from(std::uint64_t sequence) const {
  std::vector<group_batch> result;
  for (auto each = batches_.lower_bound(sequence); each != batches_.end(); ++each)
    if (each->second.what.batch)
      result.push_back(*each->second.what.batch);
  return result;
}

} // namespace dispatch::policy
