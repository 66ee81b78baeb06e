#include "tests/chaos/fault_schedule.hpp"

#include <vector>

namespace dispatch::chaos {

namespace {

using namespace std::chrono_literals;

constexpr milliseconds shortest_health = 300ms;
constexpr milliseconds longest_health = 3000ms;

/// Codes that say something about the upstream. Those that say something about the request end a stream, as they
/// should.
const std::vector<std::string_view> upstream_codes{
  "UNAVAILABLE", "DEADLINE_EXCEEDED", "RESOURCE_EXHAUSTED", "ABORTED", "INTERNAL", "UNKNOWN", "CANCELLED", "DATA_LOSS"};

std::uint64_t seed_of(std::uint64_t seed, std::size_t upstream) {
  // Neighbouring seeds and upstreams must not share their draws.
  return random_source{seed ^ random_source{upstream + 1}.next()}.next();
}

std::string text_of(const server_manner& manner) {
  std::string text = " latency_ms=" + std::to_string(manner.latency.count());
  if (manner.fail_every > 0)
    text += " fail_every=" + std::to_string(manner.fail_every) + ":" + std::string{manner.fail_code};
  if (manner.hang_every > 0)
    text += " hang_every=" + std::to_string(manner.hang_every);
  return text;
}

std::string details_of(const fault_event& event) {
  switch (event.kind) {
  case fault_kind::kill:
  case fault_kind::failing:
  case fault_kind::hanging:
  case fault_kind::lagging:
    return text_of(event.manner);
  case fault_kind::delay:
    return " delay_ms=" + std::to_string(event.delay.count());
  case fault_kind::throttle:
    return " bytes_per_second=" + std::to_string(event.bytes_per_second);
  case fault_kind::cut:
  case fault_kind::reset:
    return " after_bytes=" + std::to_string(event.after_bytes);
  case fault_kind::corrupt:
    return " damage=" + std::string{to_string(event.what)} + " of=" + (event.of_requests ? "requests" : "replies");
  case fault_kind::pause:
  case fault_kind::refuse:
  case fault_kind::half_open:
  case fault_kind::garbage:
    break;
  }
  return {};
}

} // namespace

std::string_view to_string(fault_kind kind) {
  switch (kind) {
  case fault_kind::kill:
    return "kill";
  case fault_kind::failing:
    return "failing";
  case fault_kind::hanging:
    return "hanging";
  case fault_kind::lagging:
    return "lagging";
  case fault_kind::pause:
    return "pause";
  case fault_kind::delay:
    return "delay";
  case fault_kind::throttle:
    return "throttle";
  case fault_kind::cut:
    return "cut";
  case fault_kind::reset:
    return "reset";
  case fault_kind::refuse:
    return "refuse";
  case fault_kind::half_open:
    return "half_open";
  case fault_kind::garbage:
    return "garbage";
  case fault_kind::corrupt:
    return "corrupt";
  }
  return "unknown";
}

std::string_view to_string(damage what) {
  switch (what) {
  case damage::settings_on_a_stream:
    return "settings_on_a_stream";
  case damage::short_ping:
    return "short_ping";
  case damage::message_flag:
    return "message_flag";
  }
  return "unknown";
}

std::string describe(const fault_event& event) {
  return "at_ms=" + std::to_string(event.at.count()) + " " + std::string{to_string(event.kind)}
         + " lasts_ms=" + std::to_string(event.lasts.count()) + details_of(event);
}

fault_schedule::fault_schedule(std::uint64_t seed, std::size_t upstream)
  : random_(seed_of(seed, upstream)),
    kinds_({all_fault_kinds.begin(), all_fault_kinds.end()}),
    codes_(upstream_codes),
    damages_({all_damages.begin(), all_damages.end()}) {}

fault_event fault_schedule::next() {
  fault_event event;
  event.at = free_at_ + draw_between(random_, shortest_health, longest_health);
  event.kind = kinds_.deal(random_);
  draw_details(event);
  free_at_ = event.at + event.lasts;
  return event;
}

void fault_schedule::draw_details(fault_event& event) {
  switch (event.kind) {
  case fault_kind::kill:
  case fault_kind::failing:
  case fault_kind::hanging:
  case fault_kind::lagging:
    event.lasts = draw_between(random_, 200ms, 3000ms);
    event.manner = draw_manner(event.kind);
    return;
  case fault_kind::pause:
    // Shorter and longer than a call may take.
    event.lasts = draw_between(random_, 300ms, 4000ms);
    return;
  case fault_kind::delay:
    event.lasts = draw_between(random_, 500ms, 3000ms);
    event.delay = draw_between(random_, 20ms, 500ms);
    return;
  case fault_kind::throttle:
    event.lasts = draw_between(random_, 500ms, 3000ms);
    event.bytes_per_second = draw_between(random_, 2'000, 300'000);
    return;
  case fault_kind::cut:
  case fault_kind::reset:
    event.after_bytes = draw_between(random_, 0, 100'000);
    return;
  case fault_kind::refuse:
  case fault_kind::half_open:
  case fault_kind::garbage:
    event.lasts = draw_between(random_, 200ms, 3000ms);
    return;
  case fault_kind::corrupt:
    event.what = damages_.deal(random_);
    // A request whose message cannot be read reaches the service as an empty one, and is answered as that.
    event.of_requests = random_.below(3) == 0 && event.what != damage::message_flag;
    return;
  }
}

server_manner fault_schedule::draw_manner(fault_kind kind) {
  server_manner manner;
  manner.latency = draw_between(random_, 0ms, 8ms);
  if (kind == fault_kind::failing) {
    manner.fail_every = draw_between(random_, 5, 60);
    manner.fail_code = codes_.deal(random_);
  }
  if (kind == fault_kind::hanging)
    manner.hang_every = draw_between(random_, 40, 200);
  if (kind == fault_kind::lagging)
    manner.latency = draw_between(random_, 20ms, 150ms);
  return manner;
}

} // namespace dispatch::chaos
