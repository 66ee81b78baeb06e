#include "tests/chaos/session/team_crowd.hpp"

#include <algorithm>

namespace dispatch::chaos {

namespace {

constexpr std::size_t buffer_size = 256 * 1024;
constexpr std::size_t most_problems = 20;

team_traffic traffic_of(const known_samples& known) {
  return {known.count(), static_cast<std::uint64_t>(known.count()) * known.row_bytes()};
}

} // namespace

team_crowd::team_crowd(const known_samples& known, options opts)
  : known_(known),
    options_(opts),
    traffic_(traffic_of(known)),
    arrivals_(opts.seed, traffic_),
    buffer_(buffer_size) {}

void team_crowd::admit(time_point now) {
  while (teams_.size() < options_.present) {
    teams_.emplace_back(arrivals_.next(), known_, traffic_, now);
    ++counts_.teams;
  }
}

void team_crowd::hurry() {
  for (auto& team : teams_)
    team.hurry();
}

void team_crowd::allow_cut() {
  for (auto& team : teams_)
    team.allow_cut();
}

void team_crowd::allow_draining() {
  for (auto& team : teams_)
    team.allow_draining();
}

bool team_crowd::are_served() const {
  return std::all_of(teams_.begin(), teams_.end(), [](const auto& team) { return team.is_served(); });
}

void team_crowd::watch(poll_set& set, time_point now) {
  for (auto& team : teams_)
    team.watch(set, now);
}

void team_crowd::serve(const poll_set& set, std::uint16_t port, time_point now) {
  for (auto place = teams_.begin(); place != teams_.end();) {
    auto& team = *place;
    team.serve(set, port, now, options_.patience, buffer_, counts_);
    if (!team.over()) {
      ++place;
      continue;
    }
    counts_.complete += team.complete() ? 1 : 0;
    counts_.wrong += team.problem() ? 1 : 0;
    if (team.problem() && problems_.size() < most_problems)
      problems_.push_back(*team.problem());
    place = teams_.erase(place);
  }
}

} // namespace dispatch::chaos
