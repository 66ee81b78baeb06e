#include "tests/chaos/session/team_schedule.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "wire/session/cursor.hpp"

namespace dispatch::chaos {

namespace {

using namespace std::chrono_literals;

/// Every so many stints are broken off by one of their readers.
constexpr std::uint64_t stints_in_four_broken_off = 2;

/// The longest line that a client may send, and more.
constexpr std::size_t too_long_line = longest_client_line + 5000;

template <class Value>
Value one_of(std::initializer_list<Value> all, random_source& random) {
  return *(all.begin() + random.below(all.size()));
}

bool is_true_once_in(std::uint64_t count, random_source& random) {
  return random.below(count) == 0;
}

std::string random_line(random_source& random) {
  std::string text(static_cast<std::size_t>(draw_between(random, 1, 300)), ' ');
  for (auto& each : text)
    each = static_cast<char>(random.below(256));
  // Neither empty nor an object.
  return "%" + text + "\n";
}

/// What no session takes, neither before nor behind its hello.
std::string draw_rubbish(random_source& random) {
  switch (random.below(6)) {
  case 0:
    return "GET / HTTP/1.1\r\nHost: dispatcher\r\n\r\n";
  case 1:
    return "{\"type\":\"hello\",\"batch_size\":-1}\n";
  case 2:
    return "{\"type\":\"ack\",\"seq\":[-1]}\n";
  case 3:
    return std::string(too_long_line, '[');
  case 4:
    return std::string(2000, '{') + "\n";
  default:
    return random_line(random);
  }
}

std::optional<wanted_shuffle> draw_shuffle(random_source& random) {
  if (is_true_once_in(4, random))
    return std::nullopt;
  wanted_shuffle result;
  // Few seeds, so that teams share orders.
  result.seed = one_of<std::uint64_t>({1, 2, 3, ~std::uint64_t{0}}, random);
  if (!is_true_once_in(4, random))
    result.window = one_of<std::int64_t>({1, 3, 16, 100, 1'000'000}, random);
  if (is_true_once_in(3, random))
    result.block = one_of<std::int64_t>({7, 64, 300}, random);
  return result;
}

std::vector<skipped_range> draw_skips(std::uint64_t epochs, std::int64_t samples, random_source& random) {
  std::vector<skipped_range> result;
  if (!is_true_once_in(3, random))
    return result;
  for (auto left = draw_between(random, 1, 4); left > 0; --left) {
    const auto from = random.below(static_cast<std::uint64_t>(samples));
    const auto to = draw_between(random, from + 1, std::min<std::uint64_t>(from + 200, samples));
    result.push_back({random.below(epochs), {static_cast<std::int64_t>(from), static_cast<std::int64_t>(to)}});
  }
  return normalized(std::move(result), 0);
}

} // namespace

team_schedule::team_schedule(std::uint64_t seed, team_traffic traffic)
  : random_(random_source{seed + 0x7465616d}.next()), // "team"
    traffic_(traffic) {}

team_plan team_schedule::next() {
  team_plan plan;
  plan.number = number_++;
  plan.seed = random_.next();
  plan.epochs = draw_between(random_, 1, 3);
  plan.shuffle = draw_shuffle(random_);
  plan.skips = draw_skips(plan.epochs, traffic_.samples, random_);
  return plan;
}

stint_schedule::stint_schedule(const team_plan& team, team_traffic traffic)
  : random_(team.seed),
    traffic_(traffic),
    steady_({reader_kind::fast, reader_kind::fast, reader_kind::small_reads, reader_kind::slow, reader_kind::stops,
             reader_kind::half_closes, reader_kind::pings}),
    breaking_({reader_kind::leaves, reader_kind::leaves, reader_kind::resets, reader_kind::resets, reader_kind::stalls,
               reader_kind::says_bye, reader_kind::babbles, reader_kind::no_hello}) {}

stint_plan stint_schedule::next() {
  auto plan = draw_form();
  const auto ranks = draw_between(random_, 1, 4);
  const auto bytes = traffic_.epoch_bytes / ranks;
  const auto broken = random_.below(4) < stints_in_four_broken_off;
  const auto breaker = random_.below(ranks);
  for (std::uint64_t i = 0; i < ranks; ++i)
    plan.readers.push_back(
      draw_reader(broken && i == breaker ? breaking_.deal(random_) : steady_.deal(random_), bytes));
  plan.to_epoch_end = is_true_once_in(5, random_);
  if (is_true_once_in(2, random_))
    plan.steps = draw_between(random_, 1, 1 + static_cast<std::uint64_t>(traffic_.samples / plan.batch_size) / ranks);
  plan.pause = draw_between(random_, 0ms, 200ms);
  return plan;
}

stint_plan stint_schedule::last() {
  auto plan = draw_form();
  plan.readers.resize(static_cast<std::size_t>(draw_between(random_, 1, 3)));
  return plan;
}

stint_plan stint_schedule::draw_form() {
  stint_plan plan;
  plan.batch_size = one_of<std::int64_t>(
    {1, 7, 30, 30, 45, 64, 200, static_cast<std::int64_t>(draw_between(random_, 2, 100))}, random_);
  plan.ends = one_of({epoch_end::uneven, epoch_end::uneven, epoch_end::drop, epoch_end::pad}, random_);
  plan.payload = one_of({payload_form::raw, payload_form::base64}, random_);
  plan.has_checksum = is_true_once_in(2, random_);
  if (is_true_once_in(3, random_))
    plan.window = one_of<std::size_t>({1, 2, 20, 100'000}, random_);
  return plan;
}

reader_plan stint_schedule::draw_reader(reader_kind kind, std::uint64_t bytes) {
  reader_plan plan;
  plan.kind = kind;
  plan.with_reset = is_true_once_in(2, random_);
  plan.rubbish = draw_rubbish(random_);
  // Within the first line as well, which has some hundred bytes.
  const auto any_byte = is_true_once_in(6, random_) ? random_.below(600) : random_.below(bytes);
  switch (kind) {
  case reader_kind::small_reads:
    plan.read_bytes = draw_between(random_, 100, 3000);
    break;
  case reader_kind::slow:
    // An epoch in 2 to 8 seconds.
    plan.bytes_per_second = draw_between(random_, bytes / 8, bytes / 2);
    break;
  case reader_kind::stops:
    plan.stops_at = any_byte;
    plan.stops_for = draw_between(random_, 300ms, 3000ms);
    break;
  case reader_kind::leaves:
  case reader_kind::resets:
  case reader_kind::says_bye:
  case reader_kind::babbles:
    plan.acts_at = any_byte;
    plan.with_reset = kind == reader_kind::resets;
    break;
  case reader_kind::no_hello:
    plan.acts_at = 0;
    break;
  case reader_kind::stalls:
    plan.read_bytes = 0;
    plan.leaves_after = draw_between(random_, 200ms, 3000ms);
    break;
  case reader_kind::fast:
  case reader_kind::half_closes:
  case reader_kind::pings:
    break;
  }
  return plan;
}

} // namespace dispatch::chaos
