#include "actors/policy/load_meter.hpp"

#include <algorithm>

namespace dispatch::policy {

namespace {

using namespace std::chrono_literals;

constexpr auto shortest_slice = 2ms;
constexpr double steady_share = 0.9;

/// In seconds: answers do not come faster, for the sake of a division.
constexpr double fastest_pace = 1e-6;

double seconds(load_meter::duration span) {
  return std::chrono::duration<double>(span).count();
}

} // namespace

// -- calls ------------------------------------------------------------------------------------------------------------

void load_meter::begin(time_point now) {
  // After a silence that is longer than what was before it in the slice, that would say nothing any more.
  if (in_flight_ == 0 && now - last_ >= last_ - slice_.begin)
    begin_slice(now);
  pass(now);
  ++in_flight_;
  slice_.peak = std::max(slice_.peak, std::min(in_flight_, limit_));
}

void load_meter::end(time_point began, time_point now, call_outcome how) {
  pass(now);
  lose();
  if (unsettled_ > 0) {
    if (--unsettled_ == 0)
      begin_slice(now);
    return;
  }
  if (slice_.ended() == 0)
    slice_.first_end = now;
  slice_.last_end = now;
  slice_.ok += how == call_outcome::ok ? 1 : 0;
  slice_.failed += how == call_outcome::failed ? 1 : 0;
  // A call that began under another limit does not speak against this one.
  slice_.overloaded += how == call_outcome::overloaded && began >= changed_at_ ? 1 : 0;
}

void load_meter::lose() noexcept {
  if (in_flight_ > 0)
    --in_flight_;
}

void load_meter::pass(time_point now) {
  if (now <= last_)
    return;
  slice_.call_seconds += seconds(now - last_) * static_cast<double>(std::min(in_flight_, limit_));
  last_ = now;
}

void load_meter::begin_slice(time_point now) {
  last_ = std::max(last_, now);
  slice_ = {};
  slice_.begin = last_;
  slice_.peak = std::min(in_flight_, limit_);
}

// -- the limit --------------------------------------------------------------------------------------------------------

void load_meter::change_limit(std::size_t limit, time_point now) {
  limit_ = limit;
  changed_at_ = now;
  unsettled_ = in_flight_;
  begin_slice(now);
}

void load_meter::raise_limit(std::size_t limit, time_point now) {
  change_limit(limit, now);
  unsettled_ = 0;
}

// -- what it shows ----------------------------------------------------------------------------------------------------

bool load_meter::is_over(bool is_first, time_point now) const {
  // Calls may come back all together, once a round trip: only whole rounds show the rate.
  const auto round = std::max<std::size_t>(slice_.peak, 1);
  const auto least = is_first ? 1 : least_in_slice;
  const auto long_enough = slice_.ok >= least || slice_.ended() >= 4 * std::max(least, round);
  return long_enough && slice_.ended() % round == 0 && now - slice_.begin >= shortest_slice;
}

double load_meter::bears(const counts& closed) {
  const auto ended = static_cast<double>(closed.ended());
  const auto pace = closed.ended() > 1 ? seconds(closed.last_end - closed.first_end) / (ended - 1) : 0.0;
  return closed.call_seconds / ended / std::max(pace, fastest_pace);
}

load_meter::slice load_meter::close(time_point now) {
  const auto closed = slice_;
  const auto span = seconds(now - closed.begin);
  begin_slice(now);
  const auto is_steady = closed.call_seconds >= steady_share * static_cast<double>(closed.peak) * span;
  return {{closed.peak, static_cast<double>(closed.ok), span}, is_steady, bears(closed)};
}

} // namespace dispatch::policy
