#include "actors/policy/upstream_stats.hpp"

#include <algorithm>

namespace dispatch::policy {

namespace {

using namespace std::chrono_literals;

/// An upstream that takes so many times as long as the others for the same work is not given it.
constexpr double much_slower = 2;

/// In seconds: no call is faster, for the sake of a division.
constexpr double shortest_call = 1e-6;

// A call is a straggler when it takes so many times as long as calls do where they are fastest, but not before a pause
// that any upstream may make.
constexpr int times_usual = 10;
constexpr auto least_allowed = 200ms;
constexpr auto allowed_if_unknown = 1s;

/// So many stragglers at least leave room for others.
constexpr std::size_t least_uncounted = 2;

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

upstream_stats::time_point upstream_stats::straggler_since(upstream_id id, time_point now) const {
  auto usual = upstreams_.at(id).estimate.usual();
  for (const auto& other : upstreams_)
    if (other.live_fetchers > 0 && other.estimate.usual())
      usual = std::min(usual.value_or(duration::max()), *other.estimate.usual());
  return now - (usual ? std::max<duration>(least_allowed, times_usual * *usual) : allowed_if_unknown);
}

void upstream_stats::note_straggler(upstream_id id, call& going_on, time_point now) {
  auto& at = upstreams_.at(id);
  going_on.is_straggler = true;
  ++at.stragglers;
  if (going_on.is_typical)
    at.estimate.note_straggler(now - going_on.since);
}

bool upstream_stats::account::has_room() const noexcept {
  // A straggler holds up no other call, but an upstream that answers nothing at all must not get more and more of them.
  const auto uncounted = std::min(stragglers, std::max(limit, least_uncounted));
  return estimate.in_flight() < limit + uncounted;
}

bool upstream_stats::has_room(upstream_id id) const {
  return upstreams_.at(id).has_room();
}

bool upstream_stats::is_unresponsive(upstream_id id) const {
  const auto& at = upstreams_.at(id);
  return at.stragglers > 0 && at.stragglers == at.estimate.in_flight();
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
