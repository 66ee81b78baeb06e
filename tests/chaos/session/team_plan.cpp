#include "tests/chaos/session/team_plan.hpp"

namespace dispatch::chaos {

namespace {

template <class Number>
std::string text_of(const char* name, const std::optional<Number>& value) {
  return value ? ' ' + std::string{name} + '=' + std::to_string(*value) : std::string{};
}

std::string text_of(const reader_plan& plan) {
  std::string text{to_string(plan.kind)};
  text += text_of("acts_at", plan.acts_at);
  if (plan.leaves_after)
    text += " leaves_after_ms=" + std::to_string(plan.leaves_after->count());
  if (plan.bytes_per_second > 0)
    text += " bytes_per_second=" + std::to_string(plan.bytes_per_second);
  if (plan.stops_for.count() > 0)
    text += " stops_at=" + std::to_string(plan.stops_at) + " stops_for_ms=" + std::to_string(plan.stops_for.count());
  return text;
}

} // namespace

std::string_view to_string(epoch_end ends) {
  switch (ends) {
  case epoch_end::uneven:
    return "uneven";
  case epoch_end::drop:
    return "drop";
  case epoch_end::pad:
    return "pad";
  }
  return "unknown";
}

std::string_view to_string(reader_kind kind) {
  switch (kind) {
  case reader_kind::fast:
    return "fast";
  case reader_kind::small_reads:
    return "small_reads";
  case reader_kind::slow:
    return "slow";
  case reader_kind::stops:
    return "stops";
  case reader_kind::half_closes:
    return "half_closes";
  case reader_kind::pings:
    return "pings";
  case reader_kind::leaves:
    return "leaves";
  case reader_kind::resets:
    return "resets";
  case reader_kind::stalls:
    return "stalls";
  case reader_kind::says_bye:
    return "says_bye";
  case reader_kind::babbles:
    return "babbles";
  case reader_kind::no_hello:
    return "no_hello";
  }
  return "unknown";
}

std::string describe(const team_plan& plan) {
  auto text = "team " + std::to_string(plan.number) + " epochs=" + std::to_string(plan.epochs);
  if (plan.shuffle)
    text += " seed=" + std::to_string(plan.shuffle->seed) + text_of("window", plan.shuffle->window)
            + text_of("block", plan.shuffle->block);
  for (const auto& each : plan.skips)
    text += " skip=" + std::to_string(each.epoch) + ':' + std::to_string(each.positions.from) + '-'
            + std::to_string(each.positions.to);
  return text;
}

std::string describe(const stint_plan& plan) {
  auto text = "batch_size=" + std::to_string(plan.batch_size) + " ends=" + std::string{to_string(plan.ends)}
              + (plan.payload == payload_form::raw ? " raw" : " base64") + (plan.has_checksum ? " crc32" : "")
              + text_of("window", plan.window) + text_of("steps", plan.steps)
              + (plan.to_epoch_end ? " to_epoch_end" : "") + " readers:";
  for (const auto& each : plan.readers)
    text += " [" + text_of(each) + ']';
  return text;
}

} // namespace dispatch::chaos
