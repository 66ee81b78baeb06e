#include "actors/policy/call_estimate.hpp"

#include <algorithm>

namespace dispatch::policy {

namespace {

/// The share of the latest call in the estimate.
constexpr int latest_of = 8;

/// A call that is so many times faster than expected is no accident: the upstream is well again.
constexpr int well_again = 4;

/// An upstream that got no call for so long may have changed.
constexpr std::chrono::seconds good_for{1};

} // namespace

void call_estimate::started(time_point now) noexcept {
  if (in_flight_++ == 0)
    busy_since_ = now;
}

void call_estimate::took(duration time) noexcept {
  if (!usual_ || time * well_again < *usual_)
    usual_ = time;
  else
    *usual_ += (time - *usual_) / latest_of;
}

void call_estimate::note_straggler(duration so_far) noexcept {
  usual_ = std::max(usual_.value_or(so_far), so_far);
}

std::optional<call_estimate::duration> call_estimate::expected(time_point now) const noexcept {
  if (!usual_ || in_flight_ == 0)
    return usual_;
  return std::max(*usual_, now - std::max(busy_since_, answered_at_));
}

bool call_estimate::is_stale(time_point now) const noexcept {
  return in_flight_ == 0 && now - std::max(busy_since_, answered_at_) >= good_for;
}

} // namespace dispatch::policy
