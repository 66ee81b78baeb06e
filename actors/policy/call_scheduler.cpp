#include "actors/policy/call_scheduler.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "actors/policy/straggler_rule.hpp"

namespace dispatch::policy {

namespace {

work_item any_work_of(const std::string& dataset) {
  work_item result;
  result.dataset = dataset;
  return result;
}

/// What a failure says about how many calls the upstream can take; nothing: it was not called, or did not fail.
std::optional<call_outcome> outcome_of(fault reason) {
  switch (reason) {
  case fault::fetcher:
  case fault::other_fingerprint:
  case fault::interrupted:
    return std::nullopt;
  case fault::overload:
  case fault::timeout:
    return call_outcome::overloaded;
  case fault::request:
  case fault::no_such_batch:
  case fault::dataset:
  case fault::upstream:
  case fault::upstream_gone:
    break;
  }
  return call_outcome::failed;
}

} // namespace

call_scheduler::call_scheduler(options opts) : options_(std::move(opts)), calls_(options_.limits) {}

// -- upstreams and fetchers -------------------------------------------------------------------------------------------

void call_scheduler::replace_upstream(upstream_id upstream, const upstream_stats::limits& of) {
  calls_.upstreams().replace(upstream, of);
  holders_.forget(upstream);
  queue_.forget_upstream(upstream);
}

void call_scheduler::fetcher_up(fetcher_id id, upstream_id upstream) {
  if (!calls_.add(id, upstream))
    return;
  holders_.connected_anew(upstream);
  queue_.forgive(upstream);
}

void call_scheduler::fetcher_down(fetcher_id id, time_point now) {
  if (const auto gone = calls_.remove(id))
    put_back(*gone, now);
}

void call_scheduler::put_back(const open_calls::fetcher& gone, time_point now) {
  for (const auto& [work, call] : gone.calls) {
    auto* wanted = queue_.find(work);
    if (wanted == nullptr)
      continue;
    wanted->tried.end(gone.upstream);
    // Where it was hedged, its other call may still bring it.
    if (wanted->tried.under_way().empty())
      queue_.enqueue(work);
    else
      hedge(work, now);
  }
}

std::vector<ticket> call_scheduler::fetcher_crashed(fetcher_id id, time_point now) {
  std::vector<ticket> answered;
  for (const auto work : calls_.work_of(id))
    if (fail(work, id, fault::fetcher, now) == verdict::answer)
      answered.push_back(work);
  fetcher_down(id, now);
  return answered;
}

// -- what starts next -------------------------------------------------------------------------------------------------

ticket call_scheduler::add(time_point deadline, bool is_typical, const std::string& dataset) {
  work_item added;
  added.deadline = deadline;
  added.is_typical = is_typical;
  added.dataset = dataset;
  return queue_.add(std::move(added));
}

std::optional<call_scheduler::assignment> call_scheduler::assign(time_point now) {
  if (queued() == 0 || !calls_.has_room())
    return std::nullopt;
  auto next = next_begun(now);
  const auto fresh = next_fresh(now);
  if (fresh && (!next || fresh->work < next->work))
    next = fresh;
  if (next)
    start(*next, now);
  return next;
}

std::optional<call_scheduler::assignment> call_scheduler::next_begun(time_point now) const {
  const auto where = placement_at(now);
  for (const auto work : queue_.begun()) {
    const auto& wanted = queue_.at(work);
    if (wanted.tried.not_before() > now)
      continue;
    if (const auto chosen = where.pick(wanted, 0, where.passed_over(wanted)))
      return assignment{work, *chosen};
  }
  return std::nullopt;
}

std::optional<call_scheduler::assignment> call_scheduler::next_fresh(time_point now) {
  std::optional<assignment> oldest;
  for (const auto& [dataset, queue] : queue_.fresh())
    if (const auto next = next_of(queue, now); next && (!oldest || next->work < oldest->work))
      oldest = next;
  return oldest;
}

std::optional<call_scheduler::assignment> call_scheduler::next_of(const std::set<ticket>& queue, time_point now) {
  const auto where = placement_at(now);
  const auto except = where.passed_over(queue_.at(*queue.begin()));
  calls_.upstreams().find_positions(now, except);
  auto position = calls_.upstreams().least_position(except).value_or(queue.size());
  if (position >= queue.size())
    return std::nullopt;
  for (auto i = std::next(queue.begin(), static_cast<std::ptrdiff_t>(position)); i != queue.end(); ++i, ++position)
    if (const auto chosen = where.pick(queue_.at(*i), position, except))
      return assignment{*i, *chosen};
  return std::nullopt;
}

void call_scheduler::start(const assignment& next, time_point now) {
  queue_.dequeue(next.work);
  auto& wanted = queue_.at(next.work);
  wanted.tried.begin(calls_.begin(next.work, next.fetcher, wanted.is_typical, now));
}

std::optional<call_scheduler::time_point> call_scheduler::starts_not_before(ticket work) const {
  if (!queue_.is_queued(work))
    return std::nullopt;
  return queue_.at(work).tried.not_before();
}

// -- stragglers -------------------------------------------------------------------------------------------------------

std::size_t call_scheduler::find_stragglers(time_point now) {
  const auto found = calls_.find_stragglers(now);
  for (const auto work : found)
    hedge(work, now);
  return found.size();
}

void call_scheduler::hedge(ticket work, time_point now) {
  const auto* wanted = queue_.find(work);
  if (wanted != nullptr && straggler_rule::may_hedge(wanted->tried.under_way().size())
      && placement_at(now).can_go_elsewhere(*wanted))
    queue_.enqueue(work);
}

// -- how calls end ----------------------------------------------------------------------------------------------------

bool call_scheduler::complete(ticket work, fetcher_id fetcher, time_point now) {
  const auto upstream = calls_.complete(work, fetcher, now);
  const auto* wanted = queue_.find(work);
  if (!upstream || wanted == nullptr)
    return false;
  if (wanted->is_typical)
    holders_.gave(*upstream, wanted->dataset);
  queue_.forget(work);
  return true;
}

std::optional<verdict> call_scheduler::fail(ticket work, fetcher_id fetcher, fault reason, time_point now) {
  const auto upstream = calls_.end(work, fetcher, outcome_of(reason), now);
  auto* wanted = queue_.find(work);
  if (!upstream || wanted == nullptr)
    return std::nullopt;
  wanted->tried.end(*upstream);
  if (reason == fault::no_such_batch && holders_.has_given(*upstream, wanted->dataset)) {
    queue_.forget(work);
    return verdict::answer;
  }
  wanted->tried.note_failure(reason, fetcher, *upstream, work, now);
  if (reason == fault::dataset) {
    holders_.refused(*upstream, wanted->dataset, now);
    wanted->tried.note_refused_since(holders_.lacked_since(wanted->dataset));
  }
  return retry_or_take_out(work, decide(*wanted, reason, now), now);
}

verdict call_scheduler::retry_or_take_out(ticket work, verdict decided, time_point now) {
  // Where it was hedged, its other call may still bring it.
  if (!queue_.at(work).tried.under_way().empty()) {
    if (decided == verdict::retry)
      hedge(work, now);
    return verdict::retry;
  }
  if (decided == verdict::answer)
    queue_.forget(work);
  else
    queue_.enqueue(work);
  return decided;
}

verdict call_scheduler::decide(const work_item& wanted, fault reason, time_point now) const {
  if (reason == fault::other_fingerprint || is_refusal(reason))
    return placement_at(now).may_be_given(wanted) ? verdict::retry : verdict::answer;
  return policy::decide(reason, wanted.tried.counted(), options_.max_attempts);
}

// -- what upstreams lack ----------------------------------------------------------------------------------------------

bool call_scheduler::is_passed_over(upstream_id upstream, const std::string& dataset, time_point now) const {
  const auto all = placement_at(now).passed_over(any_work_of(dataset));
  return std::find(all.begin(), all.end(), upstream) != all.end();
}

std::optional<upstream_id> call_scheduler::best_upstream(time_point now, const std::string& dataset) const {
  return calls_.upstreams().best(now, placement_at(now).passed_over(any_work_of(dataset)));
}

void call_scheduler::note_may_have(upstream_id upstream, const std::string& dataset) {
  holders_.may_have(upstream, dataset);
  queue_.forgive(upstream, dataset);
}

std::vector<call_scheduler::question> call_scheduler::find_questions(time_point now) {
  std::vector<question> result;
  for (const auto& dataset : holders_.lacked()) {
    const auto is_wanted = std::any_of(queue_.all().begin(), queue_.all().end(),
                                       [&](const auto& entry) { return entry.second.dataset == dataset; });
    if (!is_wanted)
      continue;
    for (const auto id : holders_.lacking(dataset))
      if (live_fetchers(id) > 0 && is_passed_over(id, dataset, now) && holders_.note_asked_again(id, dataset, now))
        result.push_back({id, dataset});
  }
  return result;
}

// -- how work leaves --------------------------------------------------------------------------------------------------

bool call_scheduler::withdraw(ticket work) {
  const auto* found = queue_.find(work);
  if (found == nullptr || !found->tried.under_way().empty() || !queue_.is_queued(work))
    return false;
  queue_.forget(work);
  return true;
}

std::vector<ticket> call_scheduler::give_up_refused(time_point now) {
  std::vector<ticket> refused;
  for (const auto work : queue_.begun()) {
    const auto& wanted = queue_.at(work);
    const auto waits = !wanted.tried.refused_at().empty() && wanted.tried.under_way().empty();
    if (waits && !placement_at(now).may_be_given(wanted))
      refused.push_back(work);
  }
  for (const auto work : refused)
    queue_.forget(work);
  return refused;
}

} // namespace dispatch::policy
