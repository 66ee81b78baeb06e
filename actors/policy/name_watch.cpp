#include "actors/policy/name_watch.hpp"

#include <algorithm>

namespace dispatch::policy {

namespace {

std::chrono::seconds pause_after(int failures) {
  constexpr auto doublings_to_longest = 3;
  return std::min(name_watch::first_retry * (1 << std::min(failures - 1, doublings_to_longest)),
                  name_watch::longest_retry);
}

} // namespace

bool name_watch::begin_if_due(time_point now) {
  const auto pause = failures_ > 0 ? pause_after(failures_) : has_trouble_ ? after_trouble : refresh;
  if (is_under_way_ || (ended_at_ && now - *ended_at_ < pause))
    return false;
  is_under_way_ = true;
  has_trouble_ = false;
  return true;
}

name_watch::change name_watch::note_answer(const upstream_map& used, const std::vector<std::string>& listed,
                                           time_point now) {
  is_under_way_ = false;
  ended_at_ = now;
  failures_ = 0;
  change result;
  for (const auto& known : used)
    if (std::find(listed.begin(), listed.end(), known.first) == listed.end())
      result.removed.push_back(known.first);
  const auto room = most_addresses - (used.size() - result.removed.size());
  for (const auto& address : listed)
    if (result.added.size() < room && used.count(address) == 0)
      result.added.push_back(address);
  return result;
}

bool name_watch::note_failure(time_point now) {
  is_under_way_ = false;
  ended_at_ = now;
  return ++failures_ == 1;
}

} // namespace dispatch::policy
