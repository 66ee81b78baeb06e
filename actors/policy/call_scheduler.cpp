#include "actors/policy/call_scheduler.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <utility>

#include "actors/policy/straggler_rule.hpp"

namespace dispatch::policy {

namespace {

using namespace std::chrono_literals;

/// How long work whose dataset is refused waits for an upstream that is away and never had the dataset, as far as is
/// known: as long as a process takes to start again. One that had the dataset is waited for like in any outage.
constexpr auto wait_for_away = 10s;

bool contains(const std::vector<upstream_id>& ids, upstream_id id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

void take_out(std::vector<upstream_id>& ids, upstream_id id) {
  const auto found = std::find(ids.begin(), ids.end(), id);
  if (found != ids.end())
    ids.erase(found);
}

} // namespace

call_scheduler::call_scheduler(options opts) : options_(std::move(opts)), upstreams_(options_.limits) {}

void call_scheduler::replace_upstream(upstream_id upstream, std::size_t limit) {
  upstreams_.replace(upstream, limit);
  holders_.forget(upstream);
  queue_.forget_upstream(upstream);
}

void call_scheduler::fetcher_up(fetcher_id id, upstream_id upstream) {
  if (!fetchers_.emplace(id, fetcher{upstream, {}, false}).second)
    return;
  upstreams_.fetcher_up(upstream);
  holders_.connected_anew(upstream);
  queue_.forgive(upstream);
}

void call_scheduler::fetcher_leaves(fetcher_id id) {
  const auto found = fetchers_.find(id);
  if (found != fetchers_.end() && !std::exchange(found->second.is_leaving, true))
    upstreams_.fetcher_down(found->second.upstream);
}

void call_scheduler::fetcher_down(fetcher_id id) {
  fetcher_leaves(id);
  const auto found = fetchers_.find(id);
  if (found == fetchers_.end())
    return;
  const auto gone = std::move(found->second);
  fetchers_.erase(found);
  for (const auto& [work, ended] : gone.calls) {
    upstreams_.end(gone.upstream, ended);
    auto* wanted = queue_.find(work);
    if (wanted == nullptr)
      continue;
    take_out(wanted->running_at, gone.upstream);
    if (wanted->running_at.empty())
      queue_.enqueue(work);
  }
}

std::optional<ticket> call_scheduler::fetcher_crashed(fetcher_id id) {
  const auto found = fetchers_.find(id);
  if (found == fetchers_.end())
    return std::nullopt;
  const auto at = found->second.upstream;
  const auto calls = found->second.calls;
  for (const auto& [work, ended] : calls)
    if (queue_.find(work) != nullptr)
      queue_.suspect(work);
  fetcher_down(id);
  const auto culprit = calls.begin();
  auto* wanted = calls.size() == 1 ? queue_.find(culprit->first) : nullptr;
  if (wanted == nullptr)
    return std::nullopt;
  ++wanted->attempts_failed;
  wanted->failed_at.insert(at);
  const auto result = policy::decide(fault::upstream, wanted->attempts_failed, options_.max_attempts);
  // Where it was hedged, its other call may still bring it.
  if (result == verdict::retry || !wanted->running_at.empty())
    return std::nullopt;
  queue_.forget(culprit->first);
  return culprit->first;
}

ticket call_scheduler::add(time_point wanted_since, bool is_typical, const std::string& dataset) {
  work_item added;
  added.wanted_since = wanted_since;
  added.is_typical = is_typical;
  added.dataset = dataset;
  return queue_.add(std::move(added));
}

// -- which fetcher gets what ------------------------------------------------------------------------------------------

bool call_scheduler::has_room(const fetcher& candidate) const {
  return !candidate.is_leaving && upstreams_.has_room(candidate.upstream)
         && (!queue_.has_suspects() || candidate.calls.empty());
}

bool call_scheduler::any_room() const {
  return std::any_of(fetchers_.begin(), fetchers_.end(), [this](const auto& entry) { return has_room(entry.second); });
}

std::optional<fetcher_id> call_scheduler::pick(const work_item& wanted, std::size_t position,
                                               const std::vector<upstream_id>& passed_over) const {
  enum tier : std::size_t { other_upstream, other_fetcher, any_fetcher, unresponsive_upstream, tiers };
  struct choice {
    std::optional<fetcher_id> best;
    std::size_t calls = 0;
  };
  std::array<choice, tiers> choices;
  auto required = tiers;
  for (const auto& [id, candidate] : fetchers_) {
    if (candidate.is_leaving || contains(wanted.running_at, candidate.upstream) || wanted.not_on.count(id) > 0
        || wanted.refused_at.count(candidate.upstream) > 0 || contains(passed_over, candidate.upstream))
      continue;
    const auto which = !wanted.is_fresh() && upstreams_.is_unresponsive(candidate.upstream) ? unresponsive_upstream
                       : wanted.failed_on.count(id) > 0                                     ? any_fetcher
                       : wanted.failed_at.count(candidate.upstream) > 0                     ? other_fetcher
                                                                                            : other_upstream;
    required = std::min(required, which);
    const auto too_slow = wanted.is_fresh() && position < upstreams_.first_position(candidate.upstream);
    auto& so_far = choices[which];
    if (!has_room(candidate) || too_slow || (so_far.best && so_far.calls <= candidate.calls.size()))
      continue;
    so_far = {id, candidate.calls.size()};
  }
  return required == tiers ? std::nullopt : choices[required].best;
}

std::optional<call_scheduler::assignment> call_scheduler::assign(time_point now) {
  if (queued() == 0 || !any_room())
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
  for (const auto work : queue_.begun()) {
    const auto& wanted = queue_.at(work);
    if (const auto chosen = wanted.not_before <= now ? pick(wanted, 0, passed_over(wanted, now)) : std::nullopt)
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
  const auto except = passed_over(queue_.at(*queue.begin()), now);
  upstreams_.find_positions(now, except);
  auto position = upstreams_.least_position(except).value_or(queue.size());
  if (position >= queue.size())
    return std::nullopt;
  for (auto i = std::next(queue.begin(), static_cast<std::ptrdiff_t>(position)); i != queue.end(); ++i, ++position)
    if (const auto chosen = pick(queue_.at(*i), position, except))
      return assignment{*i, *chosen};
  return std::nullopt;
}

void call_scheduler::start(const assignment& next, time_point now) {
  queue_.dequeue(next.work);
  auto& wanted = queue_.at(next.work);
  auto& busy = fetchers_.at(next.fetcher);
  busy.calls.emplace(next.work, upstreams_.start(busy.upstream, now, wanted.is_typical));
  wanted.running_at.push_back(busy.upstream);
}

std::optional<call_scheduler::time_point> call_scheduler::starts_not_before(ticket work) const {
  if (!queue_.is_queued(work))
    return std::nullopt;
  return queue_.at(work).not_before;
}

// -- stragglers -------------------------------------------------------------------------------------------------------

std::size_t call_scheduler::find_stragglers(time_point now) {
  std::vector<ticket> found;
  // Before any is found: a straggler changes what is expected of the next calls, and not of those under way.
  std::vector<duration> allowed;
  for (upstream_id id = 0; id < upstreams_.size(); ++id)
    allowed.push_back(upstreams_.allowance(id));
  for (auto& [id, busy] : fetchers_)
    for (auto& [work, going_on] : busy.calls)
      if (!going_on.is_straggler && now - going_on.since >= allowed[busy.upstream]) {
        upstreams_.note_straggler(busy.upstream, going_on, now);
        found.push_back(work);
      }
  for (const auto work : found)
    hedge(work, now);
  return found.size();
}

void call_scheduler::hedge(ticket work, time_point now) {
  const auto* wanted = queue_.find(work);
  if (wanted != nullptr && straggler_rule::may_hedge(wanted->running_at.size()) && can_go_elsewhere(*wanted, now))
    queue_.enqueue(work);
}

// -- how work ends ----------------------------------------------------------------------------------------------------

work_item* call_scheduler::release(ticket work, fetcher_id id) {
  const auto busy = fetchers_.find(id);
  if (busy == fetchers_.end())
    return nullptr;
  const auto ended = busy->second.calls.extract(work);
  if (ended.empty())
    return nullptr;
  upstreams_.end(busy->second.upstream, ended.mapped());
  auto* wanted = queue_.find(work);
  if (wanted != nullptr)
    take_out(wanted->running_at, busy->second.upstream);
  return wanted;
}

bool call_scheduler::complete(ticket work, fetcher_id id, time_point now) {
  note_answer(work, id, now);
  const auto* wanted = release(work, id);
  if (wanted == nullptr)
    return false;
  if (wanted->is_typical)
    holders_.gave(fetchers_.at(id).upstream, wanted->dataset);
  queue_.forget(work);
  return true;
}

void call_scheduler::note_answer(ticket work, fetcher_id id, time_point now) {
  const auto busy = fetchers_.find(id);
  if (busy == fetchers_.end())
    return;
  const auto by = busy->second.calls.find(work);
  if (by != busy->second.calls.end())
    upstreams_.answered(busy->second.upstream, by->second, now);
}

verdict call_scheduler::decide(work_item& wanted, fault reason, fetcher_id id, time_point now) {
  if (reason == fault::other_edition) {
    wanted.not_on.insert(id);
    return may_be_had(wanted, now) ? verdict::retry : verdict::answer;
  }
  if (reason == fault::interrupted)
    return verdict::retry;
  wanted.not_before = now + pause_before_retry(++wanted.calls_failed);
  if (is_refusal(reason))
    return decide_refusal(wanted, reason, fetchers_.at(id).upstream, now);
  wanted.failed_on.insert(id);
  if (reason == fault::upstream) {
    ++wanted.attempts_failed;
    wanted.failed_at.insert(fetchers_.at(id).upstream);
  }
  return policy::decide(reason, wanted.attempts_failed, options_.max_attempts);
}

std::optional<verdict> call_scheduler::fail(ticket work, fetcher_id id, fault reason, time_point now) {
  auto* wanted = release(work, id);
  if (wanted == nullptr)
    return std::nullopt;
  const auto is_end = reason == fault::no_such_batch && holders_.has_given(fetchers_.at(id).upstream, wanted->dataset);
  const auto result = is_end ? verdict::answer : decide(*wanted, reason, id, now);
  if (reason == fault::overload)
    wanted->not_before = now + pause_after_overload(wanted->calls_failed, work);
  if (!wanted->running_at.empty() && !is_end) {
    // It was hedged, and its other call may still bring it.
    if (result == verdict::retry)
      hedge(work, now);
    return verdict::retry;
  }
  if (result == verdict::answer)
    queue_.forget(work);
  else
    queue_.enqueue(work);
  return result;
}

// -- what upstreams refuse --------------------------------------------------------------------------------------------

verdict call_scheduler::decide_refusal(work_item& wanted, fault reason, upstream_id upstream, time_point now) {
  wanted.refused_at.insert(upstream);
  if (reason == fault::dataset) {
    holders_.refused(upstream, wanted.dataset, now);
    wanted.refused_since = wanted.refused_since ? wanted.refused_since : holders_.lacked_since(wanted.dataset);
  }
  return may_be_had(wanted, now) ? verdict::retry : verdict::answer;
}

bool call_scheduler::may_give(upstream_id upstream, const work_item& wanted, time_point now) const {
  if (wanted.refused_at.count(upstream) > 0 || upstreams_.is_retired(upstream))
    return false;
  if (upstreams_.live_fetchers(upstream) > 0)
    return std::any_of(fetchers_.begin(), fetchers_.end(), [&](const auto& entry) {
      return entry.second.upstream == upstream && !entry.second.is_leaving && wanted.not_on.count(entry.first) == 0;
    });
  // It is away. It may come back with the edition that others do not have.
  if (!wanted.not_on.empty())
    return true;
  const auto since = wanted.refused_since ? wanted.refused_since : holders_.lacked_since(wanted.dataset);
  return since && (holders_.has_shown(upstream, wanted.dataset) || now < *since + wait_for_away);
}

bool call_scheduler::may_be_had(const work_item& wanted, time_point now) const {
  for (upstream_id id = 0; id < upstreams_.size(); ++id)
    if (may_give(id, wanted, now))
      return true;
  return false;
}

std::vector<upstream_id> call_scheduler::passed_over(const work_item& wanted, time_point now) const {
  auto lacking = holders_.lacking(wanted.dataset);
  if (lacking.empty())
    return lacking;
  for (upstream_id id = 0; id < upstreams_.size(); ++id)
    if (!contains(lacking, id) && may_give(id, wanted, now))
      return lacking;
  return {};
}

bool call_scheduler::can_go_elsewhere(const work_item& wanted, time_point now) const {
  auto except = passed_over(wanted, now);
  except.insert(except.end(), wanted.running_at.begin(), wanted.running_at.end());
  except.insert(except.end(), wanted.refused_at.begin(), wanted.refused_at.end());
  return !upstreams_.lives_only_in(except);
}

bool call_scheduler::is_passed_over(upstream_id upstream, const std::string& dataset, time_point now) const {
  work_item any{};
  any.dataset = dataset;
  return contains(passed_over(any, now), upstream);
}

std::optional<upstream_id> call_scheduler::best_upstream(time_point now, const std::string& dataset) const {
  work_item any{};
  any.dataset = dataset;
  return upstreams_.best(now, passed_over(any, now));
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
      if (upstreams_.live_fetchers(id) > 0 && is_passed_over(id, dataset, now)
          && holders_.note_asked_again(id, dataset, now))
        result.push_back({id, dataset});
  }
  return result;
}

std::vector<ticket> call_scheduler::give_up_refused(time_point now) {
  std::vector<ticket> refused;
  for (const auto work : queue_.begun())
    if (const auto& wanted = queue_.at(work);
        !wanted.refused_at.empty() && wanted.running_at.empty() && !may_be_had(wanted, now))
      refused.push_back(work);
  for (const auto work : refused)
    queue_.forget(work);
  return refused;
}

// -- how work leaves --------------------------------------------------------------------------------------------------

bool call_scheduler::withdraw(ticket work) {
  const auto* found = queue_.find(work);
  if (found == nullptr || !found->running_at.empty() || !queue_.is_queued(work))
    return false;
  queue_.forget(work);
  return true;
}

std::vector<ticket> call_scheduler::expire(time_point now) {
  return options_.timeout == duration::zero() ? std::vector<ticket>{} : queue_.forget_since(now - options_.timeout);
}

std::vector<fetcher_id> call_scheduler::stuck_since(time_point limit, time_point limit_of_others) const {
  std::vector<fetcher_id> stuck;
  for (const auto& [id, busy] : fetchers_)
    if (std::any_of(busy.calls.begin(), busy.calls.end(), [&](const auto& call) {
          return call.second.since <= (call.second.is_typical ? limit : limit_of_others);
        }))
      stuck.push_back(id);
  return stuck;
}

} // namespace dispatch::policy
