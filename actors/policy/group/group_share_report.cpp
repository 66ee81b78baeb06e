#include <map>
#include <utility>

#include "actors/policy/group/group_share.hpp"

/// @file
/// What a share of a group says to people.

namespace dispatch::policy {

std::string group_share::members_of(const leased_run& lease) const {
  std::map<member_id, int> counts;
  for (auto left = lease.out(); left != 0; left &= left - 1)
    ++counts[lease.holder(first_of(left))];
  std::string result;
  for (const auto& [who, count] : counts)
    result += (result.empty() ? "" : ", ") + members_.at(who).name + ": " + std::to_string(count);
  return result;
}

std::vector<group_share::member_report> group_share::member_reports() const {
  std::map<member_id, member_report> found;
  for (const auto& [id, each] : members_)
    found[id] = {id, each.name, each.held, {}, {}, each.acked};
  for (const auto& [key, lease] : leases_)
    for (auto left = lease.out(); left != 0; left &= left - 1) {
      const auto bit = first_of(left);
      auto& holder = found.at(lease.holder(bit));
      if (holder.since == time_point{} || lease.held_since(bit) < holder.since) {
        holder.since = lease.held_since(bit);
        holder.oldest = batch_of(lease.run(), bit);
      }
    }
  std::vector<member_report> result;
  for (auto& [id, each] : found)
    result.push_back(std::move(each));
  return result;
}

std::vector<parked_batch> group_share::take_parked() {
  return std::exchange(newly_parked_, {});
}

} // namespace dispatch::policy
