#include "actors/policy/upstream_model.hpp"

#include <algorithm>

#include "actors/policy/straggler_rule.hpp"

namespace dispatch::policy {

namespace {

/// The share of the latest call in the usual time.
constexpr int latest_of = 8;

/// A call that is so many times faster than expected is no accident: the upstream is well again.
constexpr int well_again = 4;

/// An upstream that got no call for so long may have changed.
constexpr std::chrono::seconds good_for{1};

} // namespace

upstream_model::upstream_model(const concurrency_limit::options& opts)
  : limit_(opts),
    is_bounded_(opts.least == opts.most) {}

// -- calls ------------------------------------------------------------------------------------------------------------

upstream_model::call upstream_model::start(time_point now, bool is_typical) {
  if (in_flight_++ == 0)
    busy_since_ = now;
  limit_.started(now);
  return {now, is_typical};
}

void upstream_model::answered(const call& by, time_point now) {
  answered_at_ = now;
  // What a straggler took says when the trouble was over, and nothing about the next call.
  if (by.is_typical && !by.is_straggler)
    took(now - by.since);
}

void upstream_model::took(duration time) noexcept {
  if (!usual_ || time * well_again < *usual_)
    usual_ = time;
  else
    *usual_ += (time - *usual_) / latest_of;
}

void upstream_model::end(const call& ended, std::optional<call_outcome> how, time_point now) {
  --in_flight_;
  stragglers_ -= ended.is_straggler ? 1 : 0;
  if (how && ended.is_typical)
    limit_.completed(ended.since, now, *how);
  else
    limit_.abandoned();
}

void upstream_model::lose(const call& lost) {
  end(lost, std::nullopt, lost.since);
}

void upstream_model::note_straggler(call& going_on, time_point now) {
  going_on.is_straggler = true;
  ++stragglers_;
  const auto so_far = now - going_on.since;
  if (going_on.is_typical)
    usual_ = std::max(usual_.value_or(so_far), so_far);
}

bool upstream_model::has_room() const noexcept {
  return straggler_rule::has_room(in_flight_, stragglers_, calls());
}

bool upstream_model::is_unresponsive() const noexcept {
  return straggler_rule::is_unresponsive(in_flight_, stragglers_);
}

// -- what is known ----------------------------------------------------------------------------------------------------

std::optional<upstream_model::duration> upstream_model::expected(time_point now) const noexcept {
  if (!usual_ || in_flight_ == 0)
    return usual_;
  return std::max(*usual_, now - std::max(busy_since_, answered_at_));
}

bool upstream_model::is_stale(time_point now) const noexcept {
  return in_flight_ == 0 && now - std::max(busy_since_, answered_at_) >= good_for;
}

std::size_t upstream_model::calls() const noexcept {
  const auto limit = limit_.limit();
  return limit - (is_bounded_ ? std::min(streams_, limit - 1) : 0);
}

} // namespace dispatch::policy
