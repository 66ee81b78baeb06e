#include "actors/policy/work_placement.hpp"

#include <algorithm>
#include <array>

namespace dispatch::policy {

namespace {

using namespace std::chrono_literals;

/// How long work whose dataset is refused waits for an upstream that is away and never had the dataset, as far as is
/// known: as long as a process takes to start again. One that had the dataset is waited for like in any outage.
constexpr auto wait_for_away = 10s;

bool contains(const std::vector<upstream_id>& ids, upstream_id id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

} // namespace

// -- upstreams --------------------------------------------------------------------------------------------------------

bool work_placement::may_give(upstream_id upstream, const work_item& wanted) const {
  const auto& tried = wanted.tried;
  if (tried.is_refused_at(upstream) || upstreams().is_retired(upstream))
    return false;
  if (upstreams().live_fetchers(upstream) > 0)
    return std::any_of(calls_.fetchers().begin(), calls_.fetchers().end(), [&](const auto& entry) {
      return entry.second.upstream == upstream && !entry.second.is_leaving && !tried.is_other_on(entry.first);
    });
  // It is away. It may come back with a dataset of the right fingerprint.
  if (tried.is_other_anywhere())
    return true;
  const auto since = tried.refused_since() ? tried.refused_since() : holders_.lacked_since(wanted.dataset);
  return since && (holders_.has_shown(upstream, wanted.dataset) || now_ < *since + wait_for_away);
}

bool work_placement::may_be_given(const work_item& wanted) const {
  for (upstream_id id = 0; id < upstreams().size(); ++id)
    if (may_give(id, wanted))
      return true;
  return false;
}

std::vector<upstream_id> work_placement::passed_over(const work_item& wanted) const {
  auto lacking = holders_.lacking(wanted.dataset);
  if (lacking.empty())
    return lacking;
  for (upstream_id id = 0; id < upstreams().size(); ++id)
    if (!contains(lacking, id) && may_give(id, wanted))
      return lacking;
  return {};
}

bool work_placement::can_go_elsewhere(const work_item& wanted) const {
  auto except = passed_over(wanted);
  const auto& under_way = wanted.tried.under_way();
  const auto& refused_at = wanted.tried.refused_at();
  except.insert(except.end(), under_way.begin(), under_way.end());
  except.insert(except.end(), refused_at.begin(), refused_at.end());
  return !upstreams().lives_only_in(except);
}

// -- fetchers ---------------------------------------------------------------------------------------------------------

work_placement::preference work_placement::preference_of(fetcher_id id, const open_calls::fetcher& candidate,
                                                         const attempts& tried) const {
  if (!tried.is_fresh() && upstreams().at(candidate.upstream).is_unresponsive())
    return unresponsive_upstream;
  if (tried.has_failed_on(id))
    return any_fetcher;
  return tried.has_failed_at(candidate.upstream) ? other_fetcher : other_upstream;
}

std::optional<fetcher_id> work_placement::pick(const work_item& wanted, std::size_t position,
                                               const std::vector<upstream_id>& passed_over) const {
  struct choice {
    std::optional<fetcher_id> best;
    std::size_t calls = 0;
  };
  std::array<choice, preferences> choices;
  auto preferred = preferences;
  const auto& tried = wanted.tried;
  for (const auto& [id, candidate] : calls_.fetchers()) {
    const auto at = candidate.upstream;
    if (candidate.is_leaving || contains(tried.under_way(), at) || tried.is_other_on(id) || tried.is_refused_at(at)
        || contains(passed_over, at))
      continue;
    const auto which = preference_of(id, candidate, tried);
    preferred = std::min(preferred, which);
    const auto is_too_slow = tried.is_fresh() && position < upstreams().first_position(at);
    auto& so_far = choices[which];
    if (!calls_.has_room(candidate) || is_too_slow || (so_far.best && so_far.calls <= candidate.calls.size()))
      continue;
    so_far = {id, candidate.calls.size()};
  }
  return preferred == preferences ? std::nullopt : choices[preferred].best;
}

} // namespace dispatch::policy
