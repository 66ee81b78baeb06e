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

upstream_stats::upstream_stats(const std::vector<limits>& of_upstreams) {
  for (const auto& of : of_upstreams)
    add(of);
}

upstream_stats::duration upstream_stats::allowance(upstream_id id) const {
  auto usual = at(id).usual();
  for (const auto& other : upstreams_)
    if (other.live_fetchers > 0 && other.model.usual())
      usual = std::min(usual.value_or(duration::max()), *other.model.usual());
  return straggler_rule::allowed(usual);
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
    candidate.first_position = candidate.model.is_stale(now) ? 0 : find_position(candidate, now, except);
}

/// An upstream that takes long for a batch is worth asking for one that the faster ones would not get to for a while:
/// consumers want batches in their order, and one that is late holds up those behind it.
std::size_t upstream_stats::find_position(const entry& candidate, time_point now,
                                          const std::vector<upstream_id>& except) const {
  const auto own = candidate.model.expected(now);
  if (!own)
    return 0;
  auto soonest = *own;
  auto rate = 0.0; // of all that are faster, in batches per second
  for (upstream_id id = 0; id < upstreams_.size(); ++id) {
    const auto& other = upstreams_[id];
    const auto expected = other.model.expected(now);
    if (other.live_fetchers == 0 || contains(except, id) || !expected || *expected >= *own)
      continue;
    soonest = std::min(soonest, *expected);
    rate += static_cast<double>(other.model.calls()) / std::max(seconds(*expected), shortest_call);
  }
  return static_cast<std::size_t>(std::max(0.0, (seconds(*own) / much_slower - seconds(soonest)) * rate));
}

std::optional<std::size_t> upstream_stats::least_position(const std::vector<upstream_id>& except) const {
  std::optional<std::size_t> least;
  for (upstream_id id = 0; id < upstreams_.size(); ++id) {
    const auto& candidate = upstreams_[id];
    if (candidate.live_fetchers > 0 && candidate.model.has_room() && !contains(except, id))
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
    if (!best || candidate.model.in_flight() < upstreams_[*best].model.in_flight())
      best = id;
  }
  return best;
}

} // namespace dispatch::policy
