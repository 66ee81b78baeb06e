#include "io/admin/group_json.hpp"

#include "wire/session/cursor.hpp"

namespace dispatch::admin {

namespace {

json summary_json(const group_summary& x) {
  return {{"name", x.name},
          {"dataset", x.dataset},
          {"generation", x.generation},
          {"state", x.is_over ? "over" : "open"},
          {"epoch", x.epoch},
          {"position", x.position},
          {"epochs", or_null(x.end_epoch)},
          {"acked", x.acked},
          {"redelivered", x.redelivered},
          {"parked", x.parked}};
}

json out_json(const batches_out& x) {
  return {{"epoch", x.epoch},
          {"position", x.position},
          {"batches", x.batches},
          {"touched", x.touched},
          {"dispatcher", text_or_null(x.dispatcher)},
          {"expires_in_seconds", seconds_of(x.expires_in)},
          {"members", text_or_null(x.members)}};
}

json parked_json(const parked_place& x) {
  return {
    {"epoch", x.epoch}, {"position", x.position}, {"deliveries", x.deliveries}, {"member", text_or_null(x.member)}};
}

} // namespace

json groups_json(const group_list& groups) {
  return {{"groups", list_of(groups.groups, summary_json)}};
}

json group_json(const group_view& group) {
  auto result = summary_json(group.summary);
  const auto& spec = group.spec;
  result["open_epoch"] = group.open_epoch;
  result["start"] = to_text(spec.start);
  result["samples"] = spec.start.order.samples;
  result["batch_size"] = spec.batch_size;
  result["barrier"] = spec.has_barrier;
  result["ack_wait_seconds"] = seconds_of(spec.ack_wait);
  result["max_deliver"] = spec.max_deliver;
  result["out"] = list_of(group.out, out_json);
  result["parked_batches"] = list_of(group.parked, parked_json);
  return result;
}

} // namespace dispatch::admin
