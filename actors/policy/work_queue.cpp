#include "actors/policy/work_queue.hpp"

#include <utility>

namespace dispatch::policy {

ticket work_queue::add(work_item added) {
  const auto id = next_++;
  all_.emplace(id, std::move(added));
  enqueue(id);
  return id;
}

work_item* work_queue::find(ticket id) {
  const auto found = all_.find(id);
  return found != all_.end() ? &found->second : nullptr;
}

void work_queue::enqueue(ticket id) {
  dequeue(id);
  const auto& waiting = at(id);
  (waiting.tried.is_fresh() ? fresh_[waiting.dataset] : begun_).insert(id);
  ++queued_;
}

void work_queue::dequeue(ticket id) {
  const auto* waiting = find(id);
  if (waiting == nullptr)
    return;
  queued_ -= begun_.erase(id);
  const auto queue = fresh_.find(waiting->dataset);
  if (queue == fresh_.end())
    return;
  queued_ -= queue->second.erase(id);
  if (queue->second.empty())
    fresh_.erase(queue);
}

bool work_queue::is_queued(ticket id) const {
  const auto wanted = all_.find(id);
  if (wanted == all_.end())
    return false;
  const auto queue = fresh_.find(wanted->second.dataset);
  return begun_.count(id) > 0 || (queue != fresh_.end() && queue->second.count(id) > 0);
}

void work_queue::forget(ticket id) {
  dequeue(id);
  all_.erase(id);
}

void work_queue::forgive(upstream_id upstream) {
  for (auto& [id, wanted] : all_)
    wanted.tried.forgive(upstream);
}

void work_queue::forgive(upstream_id upstream, const std::string& dataset) {
  for (auto& [id, wanted] : all_)
    if (wanted.dataset == dataset)
      wanted.tried.forgive(upstream);
}

void work_queue::forget_upstream(upstream_id upstream) {
  for (auto& [id, wanted] : all_)
    wanted.tried.forget(upstream);
}

std::vector<ticket> work_queue::forget_due(time_point now) {
  std::vector<ticket> result;
  for (const auto& [id, wanted] : all_)
    if (wanted.deadline <= now)
      result.push_back(id);
  for (const auto id : result)
    forget(id);
  return result;
}

} // namespace dispatch::policy
