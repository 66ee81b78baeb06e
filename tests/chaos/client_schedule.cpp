#include "tests/chaos/client_schedule.hpp"

#include <vector>

namespace dispatch::chaos {

namespace {

using namespace std::chrono_literals;

std::vector<client_kind> cards_of(const client_traffic& traffic) {
  std::vector<client_kind> cards{all_client_kinds.begin(), all_client_kinds.end()};
  if (!traffic.short_sessions) {
    cards.insert(cards.end(), {client_kind::fast, client_kind::fast, client_kind::leaves, client_kind::resets});
    return cards;
  }
  cards.insert(cards.end(), {client_kind::fast, client_kind::comes_and_goes, client_kind::comes_and_goes});
  for (auto i = 0; i < 8; ++i)
    cards.insert(cards.end(), {client_kind::leaves, client_kind::resets});
  return cards;
}

} // namespace

std::string_view to_string(client_kind kind) {
  switch (kind) {
  case client_kind::fast:
    return "fast";
  case client_kind::small_reads:
    return "small_reads";
  case client_kind::slow:
    return "slow";
  case client_kind::stops:
    return "stops";
  case client_kind::half_closes:
    return "half_closes";
  case client_kind::sends:
    return "sends";
  case client_kind::leaves:
    return "leaves";
  case client_kind::resets:
    return "resets";
  case client_kind::stalls:
    return "stalls";
  case client_kind::trickles:
    return "trickles";
  case client_kind::only_sends:
    return "only_sends";
  case client_kind::comes_and_goes:
    return "comes_and_goes";
  case client_kind::vanishes:
    return "vanishes";
  }
  return "unknown";
}

std::string describe(const client_plan& plan) {
  auto text = "client " + std::to_string(plan.number) + " at_ms=" + std::to_string(plan.at.count()) + " "
              + std::string{to_string(plan.kind)} + " read_bytes=" + std::to_string(plan.read_bytes);
  if (plan.bytes_per_second > 0)
    text += " bytes_per_second=" + std::to_string(plan.bytes_per_second);
  if (plan.stops_for.count() > 0)
    text += " stops_at=" + std::to_string(plan.stops_at) + " stops_for_ms=" + std::to_string(plan.stops_for.count());
  if (plan.sends_bytes > 0)
    text += " sends_bytes=" + std::to_string(plan.sends_bytes);
  if (plan.leaves_at)
    text += " leaves_at=" + std::to_string(*plan.leaves_at);
  if (plan.leaves_after)
    text += " leaves_after_ms=" + std::to_string(plan.leaves_after->count());
  return text + (plan.half_closes ? " half_closes" : "") + (plan.with_reset ? " with_reset" : "")
         + (plan.without_a_word ? " without_a_word" : "");
}

client_schedule::client_schedule(std::uint64_t seed, client_traffic traffic)
  : random_(random_source{~seed}.next()),
    traffic_(traffic),
    kinds_(cards_of(traffic)) {}

client_plan client_schedule::next() {
  client_plan plan;
  plan.number = number_++;
  now_ += draw_between(random_, 0ms, 2 * traffic_.mean_gap);
  plan.at = now_;
  plan.kind = kinds_.deal(random_);
  draw_details(plan);
  draw_leaving(plan);
  return plan;
}

void client_schedule::draw_details(client_plan& plan) {
  switch (plan.kind) {
  case client_kind::small_reads:
    plan.read_bytes = draw_between(random_, 100, 3000);
    return;
  case client_kind::slow:
    // A pass in 2 to 10 seconds.
    plan.bytes_per_second = draw_between(random_, traffic_.pass_bytes / 10, traffic_.pass_bytes / 2);
    return;
  case client_kind::stops:
    plan.stops_at = random_.below(traffic_.pass_bytes);
    plan.stops_for = draw_between(random_, 500ms, 5000ms);
    return;
  case client_kind::half_closes:
    plan.half_closes = true;
    return;
  case client_kind::sends:
    plan.sends_bytes = draw_between(random_, 1'000'000, 4'000'000);
    return;
  case client_kind::trickles:
    plan.read_bytes = plan.bytes_per_second = 1;
    return;
  case client_kind::only_sends:
    plan.read_bytes = 0;
    plan.sends_bytes = draw_between(random_, 1'000'000, 4'000'000);
    return;
  case client_kind::stalls:
    plan.read_bytes = 0;
    return;
  case client_kind::fast:
  case client_kind::leaves:
  case client_kind::resets:
  case client_kind::comes_and_goes:
  case client_kind::vanishes:
    return;
  }
}

void client_schedule::draw_leaving(client_plan& plan) {
  switch (plan.kind) {
  case client_kind::leaves:
  case client_kind::resets:
  case client_kind::vanishes:
    plan.leaves_at = random_.below(traffic_.short_sessions ? traffic_.pass_bytes / 4 : traffic_.pass_bytes);
    plan.with_reset = plan.kind == client_kind::resets;
    plan.without_a_word = plan.kind == client_kind::vanishes;
    return;
  case client_kind::stalls:
  case client_kind::trickles:
  case client_kind::only_sends:
    plan.leaves_after = draw_between(random_, 1000ms, 10'000ms);
    plan.with_reset = random_.below(2) == 0;
    return;
  case client_kind::comes_and_goes:
    plan.leaves_at = 0;
    plan.with_reset = random_.below(2) == 0;
    return;
  case client_kind::fast:
  case client_kind::small_reads:
  case client_kind::slow:
  case client_kind::stops:
  case client_kind::half_closes:
  case client_kind::sends:
    return;
  }
}

} // namespace dispatch::chaos
