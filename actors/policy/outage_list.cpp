#include "actors/policy/outage_list.hpp"

#include <algorithm>
#include <utility>

namespace dispatch::policy {

void outage_list::begin(outage added) {
  outages_.push_back(std::move(added));
  drop_oldest();
}

void outage_list::note_attempt(const std::string& upstream) {
  if (auto* open = find_open(upstream))
    ++open->attempts;
}

void outage_list::note_held_up(std::uint64_t clients) {
  for (auto& each : outages_)
    if (!each.ended)
      each.clients_held_up = std::max(each.clients_held_up, clients);
}

std::optional<outage> outage_list::end(const std::string& upstream, time_point now) {
  auto* open = find_open(upstream);
  if (open == nullptr)
    return std::nullopt;
  open->ended = now;
  return *open;
}

outage* outage_list::find_open(const std::string& upstream) {
  const auto found = std::find_if(outages_.rbegin(), outages_.rend(),
                                  [&](const outage& each) { return !each.ended && each.upstream == upstream; });
  return found != outages_.rend() ? &*found : nullptr;
}

void outage_list::drop_oldest() {
  if (outages_.size() <= most)
    return;
  const auto oldest =
    std::find_if(outages_.begin(), outages_.end(), [](const outage& each) { return each.ended.has_value(); });
  if (oldest != outages_.end())
    outages_.erase(oldest);
}

} // namespace dispatch::policy
