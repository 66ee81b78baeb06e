#include "actors/policy/upstream_book.hpp"

#include <algorithm>

namespace dispatch::policy {

namespace {

using namespace std::chrono_literals;

/// An upstream that takes so many times as long as the others for the same work is not given it.
constexpr double much_slower = 2;

/// In seconds: no call is faster, for the sake of a division.
constexpr double shortest_call = 1e-6;

// A call is late when it takes so many times as long as calls do where they are fastest, but not before a pause that
// any upstream may make.
constexpr int times_usual = 10;
constexpr auto soonest_late = 200ms;
constexpr auto late_if_unknown = 1s;

/// So many late calls at least leave room for others.
constexpr std::size_t least_excused = 2;

bool contains(const std::vector<upstream_id>& ids, upstream_id id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

double seconds(upstream_book::duration time) {
  return std::chrono::duration<double>(time).count();
}

} // namespace

upstream_book::upstream_book(const std::vector<std::size_t>& limits) {
  for (const auto limit : limits)
    upstreams_.push_back(account{limit});
}

upstream_book::call upstream_book::start(upstream_id id, time_point now, bool is_typical) {
  upstreams_.at(id).estimate.started(now);
  return {now, is_typical};
}

void upstream_book::answered(upstream_id id, const call& by, time_point now) {
  auto& estimate = upstreams_.at(id).estimate;
  estimate.answered(now);
  // What a late call took says when the trouble was over, and nothing about the next call.
  if (by.is_typical && !by.is_late)
    estimate.took(now - by.since);
}

void upstream_book::end(upstream_id id, const call& ended) {
  auto& at = upstreams_.at(id);
  at.estimate.ended();
  at.late -= ended.is_late ? 1 : 0;
}

upstream_book::time_point upstream_book::late_since(upstream_id id, time_point now) const {
  auto usual = upstreams_.at(id).estimate.usual();
  for (const auto& other : upstreams_)
    if (other.live_workers > 0 && other.estimate.usual())
      usual = std::min(usual.value_or(duration::max()), *other.estimate.usual());
  return now - (usual ? std::max<duration>(soonest_late, times_usual * *usual) : late_if_unknown);
}

void upstream_book::is_late(upstream_id id, call& going_on, time_point now) {
  auto& at = upstreams_.at(id);
  going_on.is_late = true;
  ++at.late;
  if (going_on.is_typical)
    at.estimate.is_late(now - going_on.since);
}

bool upstream_book::account::has_room() const noexcept {
  // A late call holds up nobody, but an upstream that answers nothing at all must not get more and more of them.
  const auto excused = std::min(late, std::max(limit, least_excused));
  return estimate.in_flight() < limit + excused;
}

bool upstream_book::has_room(upstream_id id) const {
  return upstreams_.at(id).has_room();
}

bool upstream_book::is_silent(upstream_id id) const {
  const auto& at = upstreams_.at(id);
  return at.late > 0 && at.late == at.estimate.in_flight();
}

bool upstream_book::lives_only_in(const std::vector<upstream_id>& except) const {
  for (upstream_id id = 0; id < upstreams_.size(); ++id)
    if (upstreams_[id].live_workers > 0 && !contains(except, id))
      return false;
  return true;
}

void upstream_book::find_positions(time_point now, const std::vector<upstream_id>& except) {
  if (upstreams_.size() == 1)
    return;
  for (auto& candidate : upstreams_)
    candidate.first_position = candidate.estimate.is_stale(now) ? 0 : find_position(candidate, now, except);
}

/// An upstream that takes long for a batch is worth asking for one that the faster ones would not get to for a while:
/// consumers want batches in their order, and one that comes late holds up those behind it.
std::size_t upstream_book::find_position(const account& candidate, time_point now,
                                         const std::vector<upstream_id>& except) const {
  const auto own = candidate.estimate.expected(now);
  if (!own)
    return 0;
  auto soonest = *own;
  auto rate = 0.0; // of all that are faster, in batches per second
  for (upstream_id id = 0; id < upstreams_.size(); ++id) {
    const auto& other = upstreams_[id];
    const auto expected = other.estimate.expected(now);
    if (other.live_workers == 0 || contains(except, id) || !expected || *expected >= *own)
      continue;
    soonest = std::min(soonest, *expected);
    rate += static_cast<double>(other.limit) / std::max(seconds(*expected), shortest_call);
  }
  return static_cast<std::size_t>(std::max(0.0, (seconds(*own) / much_slower - seconds(soonest)) * rate));
}

std::optional<std::size_t> upstream_book::least_position(const std::vector<upstream_id>& except) const {
  std::optional<std::size_t> least;
  for (upstream_id id = 0; id < upstreams_.size(); ++id) {
    const auto& candidate = upstreams_[id];
    if (candidate.live_workers > 0 && candidate.has_room() && !contains(except, id))
      least = std::min(least.value_or(candidate.first_position), candidate.first_position);
  }
  return least;
}

std::optional<upstream_id> upstream_book::best(time_point now, const std::vector<upstream_id>& except) const {
  std::optional<upstream_id> best;
  for (upstream_id id = 0; id < upstreams_.size(); ++id) {
    const auto& candidate = upstreams_[id];
    if (candidate.live_workers == 0 || contains(except, id) || find_position(candidate, now, except) > 0)
      continue;
    if (!best || candidate.estimate.in_flight() < upstreams_[*best].estimate.in_flight())
      best = id;
  }
  return best;
}

} // namespace dispatch::policy
