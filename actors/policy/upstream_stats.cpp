#include "actors/policy/upstream_stats.hpp"

#include <algorithm>

#include "actors/policy/straggler_rule.hpp"

namespace dispatch::policy {

namespace {

/// An upstream that takes so many times as long as the others for the same work is not given it.
constexpr double much_slower = 2;

/// In seconds: no call is faster, for the sake of a division.
constexpr double shortest_call = 1e-6;

bool contains(const std::vector<upstream_id>& ids, upstream_id id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

double seconds(upstream_stats::duration time) {
  return std::chrono::duration<double>(time).count();
}

} // namespace

upstream_stats::upstream_stats(const std::vector<std::size_t>& limits) {
  for (const auto limit : limits)
    upstreams_.push_back(account{limit});
}

upstream_stats::call upstream_stats::start(upstream_id id, time_point now, bool is_typical) {
  upstreams_.at(id).estimate.started(now);
  return {now, is_typical};
}

void upstream_stats::answered(upstream_id id, const call& by, time_point now) {
  auto& estimate = upstreams_.at(id).estimate;
  estimate.answered(now);
  // What a straggler took says when the trouble was over, and nothing about the next call.
  if (by.is_typical && !by.is_straggler)
    estimate.took(now - by.since);
}

void upstream_stats::end(upstream_id id, const call& ended) {
  auto& at = upstreams_.at(id);
  at.estimate.ended();
  at.stragglers -= ended.is_straggler ? 1 : 0;
}

upstream_stats::duration upstream_stats::allowance(upstream_id id) const {
  auto usual = upstreams_.at(id).estimate.usual();
  for (const auto& other : upstreams_)
    if (other.live_fetchers > 0 && other.estimate.usual())
      usual = std::min(usual.value_or(duration::max()), *other.estimate.usual());
  return straggler_rule::allowed(usual);
}

void upstream_stats::note_straggler(upstream_id id, call& going_on, time_point now) {
  auto& at = upstreams_.at(id);
  going_on.is_straggler = true;
  ++at.stragglers;
  if (going_on.is_typical)
    at.estimate.note_straggler(now - going_on.since);
}

bool upstream_stats::account::has_room() const noexcept {
  return straggler_rule::has_room(estimate.in_flight(), stragglers, limit);
}

bool upstream_stats::has_room(upstream_id id) const {
  return upstreams_.at(id).has_room();
}

bool upstream_stats::is_unresponsive(upstream_id id) const {
  const auto& at = upstreams_.at(id);
  return straggler_rule::is_unresponsive(at.estimate.in_flight(), at.stragglers);
}

bool upstream_stats::lives_only_in(const std::vector<upstream_id>& except) const {
  for (upstream_id id = 0; id < upstreams_.size(); ++id)
    if (upstreams_[id].live_fetchers > 0 && !contains(except, id))
      return false;
  return true;
}

void upstream_stats::find_positions(time_point now, const std::vector<upstream_id>& except) {
  if (upstreams_.size() == 1)
    return;
  for (auto& candidate : upstreams_)
    candidate.first_position = candidate.estimate.is_stale(now) ? 0 : find_position(candidate, now, except);
}

/// An upstream that takes long for a batch is worth asking for one that the faster ones would not get to for a while:
/// consumers want batches in their order, and one that is late holds up those behind it.
std::size_t upstream_stats::find_position(const account& candidate, time_point now,
                                          const std::vector<upstream_id>& except) const {
  const auto own = candidate.estimate.expected(now);
  if (!own)
    return 0;
  auto soonest = *own;
  auto rate = 0.0; // of all that are faster, in batches per second
  for (upstream_id id = 0; id < upstreams_.size(); ++id) {
    const auto& other = upstreams_[id];
    const auto expected = other.estimate.expected(now);
    if (other.live_fetchers == 0 || contains(except, id) || !expected || *expected >= *own)
      continue;
    soonest = std::min(soonest, *expected);
    rate += static_cast<double>(other.limit) / std::max(seconds(*expected), shortest_call);
  }
  return static_cast<std::size_t>(std::max(0.0, (seconds(*own) / much_slower - seconds(soonest)) * rate));
}

std::optional<std::size_t> upstream_stats::least_position(const std::vector<upstream_id>& except) const {
  std::optional<std::size_t> least;
  for (upstream_id id = 0; id < upstreams_.size(); ++id) {
    const auto& candidate = upstreams_[id];
    if (candidate.live_fetchers > 0 && candidate.has_room() && !contains(except, id))
      least = std::min(least.value_or(candidate.first_position), candidate.first_position);
  }
  return least;
}

std::optional<upstream_id> upstream_stats::best(time_point now, const std::vector<upstream_id>& except) const {
  std::optional<upstream_id> best;
  for (upstream_id id = 0; id < upstreams_.size(); ++id) {
    const auto& candidate = upstreams_[id];
    if (candidate.live_fetchers == 0 || contains(except, id) || find_position(candidate, now, except) > 0)
      continue;
    if (!best || candidate.estimate.in_flight() < upstreams_[*best].estimate.in_flight())
      best = id;
  }
  return best;
}

} // namespace dispatch::policy
