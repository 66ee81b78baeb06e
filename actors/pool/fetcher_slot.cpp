#include "actors/pool/fetcher_slot.hpp"

#include <algorithm>
#include <utility>

namespace dispatch::pool {

std::chrono::milliseconds fetcher_slot::incarnation::ready_for(time_point now) const {
  return ready_since ? std::chrono::duration_cast<milliseconds>(now - *ready_since) : milliseconds{0};
}

// -- its fetcher ------------------------------------------------------------------------------------------------------

void fetcher_slot::fill(fetcher_actor fetcher, policy::fetcher_id id, time_point now) {
  current_ = incarnation{std::move(fetcher), id, now};
}

bool fetcher_slot::become_ready(time_point now) {
  current_->ready_since = now;
  return std::exchange(renews_, false);
}

fetcher_slot::incarnation fetcher_slot::take_out() {
  auto result = std::move(*current_);
  current_.reset();
  calls_before_ += result.calls;
  return result;
}

fetcher_slot::incarnation fetcher_slot::renew() {
  renews_ = true;
  return take_out();
}

fetcher_slot::incarnation fetcher_slot::fail(const std::string& what) {
  renews_ = false;
  last_failure_ = what;
  return take_out();
}

// -- pauses -----------------------------------------------------------------------------------------------------------

void fetcher_slot::begin_pause(std::uint64_t pause, time_point ends) noexcept {
  pause_ = pause;
  pause_ends_ = ends;
}

std::optional<bool> fetcher_slot::end_pause(std::uint64_t pause) noexcept {
  if (!is_paused() || pause_ != pause)
    return std::nullopt;
  restarts_so_far_ += renews_ ? 0 : 1;
  return !renews_;
}

// -- its end ----------------------------------------------------------------------------------------------------------

std::optional<fetcher_slot::incarnation> fetcher_slot::close() {
  is_closed_ = true;
  return current_ ? std::optional{take_out()} : std::nullopt;
}

fetcher_report fetcher_slot::report(time_point now) const {
  fetcher_report result;
  result.state = is_ready() ? "up" : current_ ? "starting" : "paused";
  if (is_ready())
    result.up_for = now - *current_->ready_since;
  if (!current_)
    result.next_attempt_in = std::max<caf::timespan>(pause_ends_ - now, caf::timespan{0});
  result.calls = calls_before_ + (current_ ? current_->calls : 0);
  result.restarts = restarts_so_far_;
  result.last_failure = last_failure_;
  return result;
}

} // namespace dispatch::pool
