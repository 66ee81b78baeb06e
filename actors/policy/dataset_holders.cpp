#include "actors/policy/dataset_holders.hpp"

#include <algorithm>

namespace dispatch::policy {

namespace {

using namespace std::chrono_literals;

/// How long an upstream that has refused a dataset so often is not asked whether it has the dataset now.
dataset_holders::duration pause_after(int refusals) {
  constexpr auto first = 1s;
  constexpr auto longest = 8s;
  return std::min<dataset_holders::duration>(first * (1 << std::clamp(refusals - 1, 0, 10)), longest);
}

} // namespace

dataset_holders::standing& dataset_holders::at(upstream_id id, const std::string& dataset) {
  auto& all = datasets_[dataset];
  all.resize(std::max(all.size(), id + 1));
  return all[id];
}

const dataset_holders::standing* dataset_holders::find(upstream_id id, const std::string& dataset) const {
  const auto found = datasets_.find(dataset);
  return found != datasets_.end() && id < found->second.size() ? &found->second[id] : nullptr;
}

void dataset_holders::gave(upstream_id id, const std::string& dataset) {
  auto& known = at(id, dataset);
  known = standing{};
  known.gave = true;
}

void dataset_holders::described(upstream_id id, const std::string& dataset) {
  auto& known = at(id, dataset);
  known.described = !known.lacks;
}

void dataset_holders::refused(upstream_id id, const std::string& dataset, time_point now) {
  auto& known = at(id, dataset);
  known.gave = false;
  known.described = false;
  // Calls that began before the first of them was refused are refused too, and say nothing new.
  if (std::exchange(known.lacks, true))
    return;
  known.refused_since = known.refused_since.value_or(now);
  known.ask_again_at = now + pause_after(++known.refusals);
}

void dataset_holders::may_have(upstream_id id, const std::string& dataset) {
  at(id, dataset).lacks = false;
}

void dataset_holders::connected_anew(upstream_id id) {
  for (auto& [dataset, all] : datasets_)
    if (id < all.size() && all[id].lacks)
      all[id] = standing{};
}

void dataset_holders::forget(upstream_id id) {
  for (auto& [dataset, all] : datasets_)
    if (id < all.size())
      all[id] = standing{};
}

bool dataset_holders::has_given(upstream_id id, const std::string& dataset) const {
  const auto* known = find(id, dataset);
  return known != nullptr && known->gave;
}

bool dataset_holders::has_shown(upstream_id id, const std::string& dataset) const {
  const auto* known = find(id, dataset);
  return known != nullptr && (known->gave || known->described);
}

std::vector<upstream_id> dataset_holders::lacking(const std::string& dataset) const {
  std::vector<upstream_id> result;
  if (const auto found = datasets_.find(dataset); found != datasets_.end())
    for (upstream_id id = 0; id < found->second.size(); ++id)
      if (found->second[id].lacks)
        result.push_back(id);
  return result;
}

std::vector<std::string> dataset_holders::lacked() const {
  std::vector<std::string> result;
  for (const auto& [dataset, all] : datasets_)
    if (std::any_of(all.begin(), all.end(), [](const standing& known) { return known.lacks; }))
      result.push_back(dataset);
  return result;
}

std::optional<dataset_holders::time_point> dataset_holders::lacked_since(const std::string& dataset) const {
  std::optional<time_point> first;
  if (const auto found = datasets_.find(dataset); found != datasets_.end())
    for (const auto& known : found->second)
      if (known.lacks)
        first = std::min(first.value_or(*known.refused_since), *known.refused_since);
  return first;
}

bool dataset_holders::note_asked_again(upstream_id id, const std::string& dataset, time_point now) {
  auto& known = at(id, dataset);
  if (!known.lacks || now < known.ask_again_at)
    return false;
  known.ask_again_at = now + pause_after(++known.refusals);
  return true;
}

} // namespace dispatch::policy
