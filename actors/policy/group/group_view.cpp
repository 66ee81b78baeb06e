#include "actors/policy/group/group_view.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "actors/policy/group/group_epochs.hpp"
#include "actors/policy/group/group_ledger.hpp"

namespace dispatch::policy {

group_summary summary_of(const listed_group& group) {
  const auto& record = group.group;
  const group_epochs epochs{record.spec};
  const auto is_behind_end = epochs.is_behind_end(record.next.epoch);
  group_summary result;
  result.name = record.name;
  result.dataset = record.spec.start.dataset;
  result.generation = record.generation;
  result.is_over = is_over(record, group.leases);
  result.epoch = record.next.epoch;
  result.position = is_behind_end ? 0 : epochs.position_of(batch_of(record.next, 0));
  result.end_epoch = record.spec.end_epoch;
  result.acked = record.acked;
  result.parked = record.parked;
  result.redelivered = record.redelivered;
  return result;
}

group_view view_of(kept_group state, const std::vector<parked_batch>& parked, store_time now) {
  const group_epochs epochs{state.group.spec};
  group_view result;
  result.summary = summary_of({state.group, state.leases.size()});
  result.spec = state.group.spec;
  result.open_epoch = group_ledger{state}.progress().open_epoch;
  for (const auto& [token, each] : state.leases) {
    const auto left = each.lease.batches & ~each.lease.settled;
    if (left == 0)
      continue;
    batches_out out;
    out.epoch = each.lease.run.epoch;
    out.position = epochs.position_of(batch_of(each.lease.run, first_of(left)));
    out.batches = count_of(left);
    out.touched = count_of(left & each.lease.touched);
    out.dispatcher = each.dispatcher;
    out.expires_in = each.expires_at - now;
    out.members = each.members;
    result.out.push_back(std::move(out));
  }
  std::sort(result.out.begin(), result.out.end(), [](const batches_out& a, const batches_out& b) {
    return std::tie(a.epoch, a.position) < std::tie(b.epoch, b.position);
  });
  for (const auto& each : parked)
    result.parked.push_back({each.batch.epoch, epochs.position_of(each.batch), each.deliveries, each.member});
  return result;
}

} // namespace dispatch::policy
