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
  const auto oldest = oldest_held();
  std::vector<member_report> result;
  for (const auto& [id, each] : members_) {
    auto& report = result.emplace_back();
    report.member = id;
    report.name = each.name;
    report.held = each.held;
    report.acked = each.acked;
    if (const auto held = oldest.find(id); held != oldest.end()) {
      report.since = held->second.since;
      report.oldest = held->second.batch;
    }
  }
  return result;
}

std::vector<parked_batch> group_share::take_parked() {
  return std::exchange(newly_parked_, {});
}

} // namespace dispatch::policy
