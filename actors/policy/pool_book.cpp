#include "actors/policy/pool_book.hpp"

#include <algorithm>
#include <utility>

namespace dispatch::policy {

pool_book::pool_book(options opts) : options_(std::move(opts)) {
  for (const auto limit : options_.limits)
    upstreams_.push_back(upstream{limit});
}

void pool_book::worker_up(worker_id id, upstream_id upstream) {
  if (workers_.emplace(id, worker{upstream, {}}).second)
    ++upstreams_.at(upstream).live_workers;
}

void pool_book::worker_down(worker_id id) {
  const auto found = workers_.find(id);
  if (found == workers_.end())
    return;
  auto& gone = found->second;
  auto& its_upstream = upstreams_.at(gone.upstream);
  --its_upstream.live_workers;
  its_upstream.in_flight -= gone.calls.size();
  for (const auto& [work, since] : gone.calls) {
    if (jobs_.count(work) > 0)
      queue_.insert(work);
  }
  workers_.erase(found);
}

ticket pool_book::add(owner_id owner, time_point wanted_since) {
  const auto work = next_ticket_++;
  jobs_.emplace(work, job{owner, wanted_since, 0, {}});
  queue_.insert(work);
  return work;
}

bool pool_book::has_room(const worker& candidate) const {
  const auto& its_upstream = upstreams_.at(candidate.upstream);
  return its_upstream.in_flight < its_upstream.limit;
}

bool pool_book::any_room() const {
  return std::any_of(upstreams_.begin(), upstreams_.end(),
                     [](const upstream& u) { return u.live_workers > 0 && u.in_flight < u.limit; });
}

std::optional<worker_id> pool_book::pick(const job& wanted) const {
  const auto has_failed_it = [&](worker_id id) { return wanted.failed_on.count(id) > 0; };
  const auto untried_lives =
    std::any_of(workers_.begin(), workers_.end(), [&](const auto& kv) { return !has_failed_it(kv.first); });
  std::optional<worker_id> best;
  std::size_t fewest = 0;
  for (const auto& [id, candidate] : workers_) {
    if (!has_room(candidate) || (untried_lives && has_failed_it(id)))
      continue;
    if (!best || candidate.calls.size() < fewest) {
      best = id;
      fewest = candidate.calls.size();
    }
  }
  return best;
}

std::optional<pool_book::assignment> pool_book::assign(time_point now) {
  if (!any_room())
    return std::nullopt;
  for (const auto work : queue_) {
    const auto chosen = pick(jobs_.at(work));
    if (!chosen)
      continue;
    queue_.erase(work);
    auto& busy = workers_.at(*chosen);
    busy.calls.emplace(work, now);
    ++upstreams_.at(busy.upstream).in_flight;
    return assignment{work, *chosen};
  }
  return std::nullopt;
}

pool_book::job* pool_book::release(ticket work, worker_id id) {
  const auto busy = workers_.find(id);
  if (busy == workers_.end() || busy->second.calls.erase(work) == 0)
    return nullptr;
  --upstreams_.at(busy->second.upstream).in_flight;
  const auto wanted = jobs_.find(work);
  return wanted != jobs_.end() ? &wanted->second : nullptr;
}

bool pool_book::complete(ticket work, worker_id id) {
  if (release(work, id) == nullptr)
    return false;
  forget(work);
  return true;
}

std::optional<verdict> pool_book::fail(ticket work, worker_id id, fault reason) {
  auto* wanted = release(work, id);
  if (wanted == nullptr)
    return std::nullopt;
  if (reason == fault::upstream) {
    ++wanted->attempts_failed;
    wanted->failed_on.insert(id);
  }
  const auto result = decide(reason, wanted->attempts_failed, options_.max_attempts);
  if (result == verdict::answer) {
    forget(work);
  } else {
    queue_.insert(work);
  }
  return result;
}

void pool_book::forget(ticket work) {
  queue_.erase(work);
  jobs_.erase(work);
}

bool pool_book::withdraw(ticket work, owner_id owner) {
  const auto found = jobs_.find(work);
  if (found == jobs_.end() || found->second.owner != owner || queue_.erase(work) == 0)
    return false;
  jobs_.erase(found);
  return true;
}

std::vector<ticket> pool_book::drop_owner(owner_id owner) {
  std::vector<ticket> dropped;
  for (const auto& [work, wanted] : jobs_)
    if (wanted.owner == owner)
      dropped.push_back(work);
  for (const auto work : dropped)
    forget(work);
  return dropped;
}

std::vector<ticket> pool_book::expire(time_point now) {
  std::vector<ticket> expired;
  if (options_.patience == duration::zero())
    return expired;
  for (const auto& [work, wanted] : jobs_)
    if (now - wanted.wanted_since >= options_.patience)
      expired.push_back(work);
  for (const auto work : expired)
    forget(work);
  return expired;
}

std::vector<worker_id> pool_book::stuck_since(time_point limit) const {
  std::vector<worker_id> stuck;
  for (const auto& [id, busy] : workers_)
    if (std::any_of(busy.calls.begin(), busy.calls.end(), [&](const auto& call) { return call.second <= limit; }))
      stuck.push_back(id);
  return stuck;
}

} // namespace dispatch::policy
