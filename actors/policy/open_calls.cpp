#include "actors/policy/open_calls.hpp"

#include <algorithm>
#include <utility>

namespace dispatch::policy {

// -- fetchers ---------------------------------------------------------------------------------------------------------

bool open_calls::add(fetcher_id id, upstream_id upstream) {
  const auto is_new = fetchers_.emplace(id, fetcher{upstream}).second;
  if (is_new)
    upstreams_.fetcher_up(upstream);
  return is_new;
}

void open_calls::leave(fetcher_id id) {
  const auto found = fetchers_.find(id);
  if (found != fetchers_.end() && !std::exchange(found->second.is_leaving, true))
    upstreams_.fetcher_down(found->second.upstream);
}

std::optional<open_calls::fetcher> open_calls::remove(fetcher_id id) {
  leave(id);
  auto gone = fetchers_.extract(id);
  if (gone.empty())
    return std::nullopt;
  for (const auto& [work, ended] : gone.mapped().calls)
    upstreams_.at(gone.mapped().upstream).lose(ended);
  return std::move(gone.mapped());
}

// -- calls ------------------------------------------------------------------------------------------------------------

upstream_id open_calls::begin(ticket work, fetcher_id by, bool is_typical, time_point now) {
  auto& [upstream, calls, is_leaving] = fetchers_.at(by);
  calls.emplace(work, upstreams_.at(upstream).start(now, is_typical));
  return upstream;
}

std::optional<upstream_id> open_calls::complete(ticket work, fetcher_id by, time_point now) {
  const auto busy = fetchers_.find(by);
  if (busy == fetchers_.end())
    return std::nullopt;
  const auto call = busy->second.calls.find(work);
  if (call != busy->second.calls.end())
    upstreams_.at(busy->second.upstream).answered(call->second, now);
  return end(work, by, call_outcome::ok, now);
}

std::optional<upstream_id> open_calls::end(ticket work, fetcher_id by, std::optional<call_outcome> how,
                                           time_point now) {
  const auto busy = fetchers_.find(by);
  if (busy == fetchers_.end())
    return std::nullopt;
  const auto ended = busy->second.calls.extract(work);
  if (ended.empty())
    return std::nullopt;
  upstreams_.at(busy->second.upstream).end(ended.mapped(), how, now);
  return busy->second.upstream;
}

std::vector<ticket> open_calls::find_stragglers(time_point now) {
  // Before any is found: a straggler changes what is expected of the next calls, and not of those under way.
  std::vector<duration> allowed;
  for (upstream_id id = 0; id < upstreams_.size(); ++id)
    allowed.push_back(upstreams_.allowance(id));
  std::vector<ticket> found;
  for (auto& [id, busy] : fetchers_)
    for (auto& [work, call] : busy.calls)
      if (!call.is_straggler && now - call.since >= allowed[busy.upstream]) {
        upstreams_.at(busy.upstream).note_straggler(call, now);
        found.push_back(work);
      }
  return found;
}

// -- what follows -----------------------------------------------------------------------------------------------------

bool open_calls::has_room(const fetcher& candidate) const {
  return !candidate.is_leaving && upstreams_.at(candidate.upstream).has_room();
}

bool open_calls::has_room() const {
  return std::any_of(fetchers_.begin(), fetchers_.end(), [&](const auto& entry) { return has_room(entry.second); });
}

std::vector<ticket> open_calls::work_of(fetcher_id id) const {
  std::vector<ticket> result;
  if (const auto found = fetchers_.find(id); found != fetchers_.end())
    for (const auto& [work, call] : found->second.calls)
      result.push_back(work);
  return result;
}

std::size_t open_calls::in_flight_of(fetcher_id id) const {
  const auto found = fetchers_.find(id);
  return found != fetchers_.end() ? found->second.calls.size() : 0;
}

std::vector<fetcher_id> open_calls::stuck_since(time_point limit, time_point limit_of_others) const {
  std::vector<fetcher_id> stuck;
  for (const auto& [id, busy] : fetchers_)
    if (std::any_of(busy.calls.begin(), busy.calls.end(), [&](const auto& call) {
          return call.second.since <= (call.second.is_typical ? limit : limit_of_others);
        }))
      stuck.push_back(id);
  return stuck;
}

} // namespace dispatch::policy
