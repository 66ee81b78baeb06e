#pragma once

#include <cstdint>

#include "tests/chaos/dispatcher_under_test.hpp"
#include "tests/chaos/session/kill_schedule.hpp"
#include "tests/chaos/session/team_crowd.hpp"

namespace dispatch::chaos {

/// Kills the dispatcher by its schedule and starts it again, and tells the teams.
class dispatcher_killer {
public:
  /// @param victim must outlive the killer, as `teams`
  dispatcher_killer(std::uint64_t seed, dispatcher_under_test& victim, team_crowd& teams)
    : schedule_(seed),
      victim_(victim),
      teams_(teams),
      next_(schedule_.next()) {}

  /// Does what is due.
  /// @param elapsed since the start of the schedule
  void advance(milliseconds elapsed) {
    // One that does not serve yet is spared.
    if (!is_away_ && elapsed >= next_.at && victim_.port() != 0) {
      victim_.kill();
      teams_.allow_cut();
      is_away_ = true;
      away_since_ = elapsed;
      ++kills_;
    }
    if (is_away_ && elapsed >= away_since_ + next_.away)
      heal();
  }

  /// Has the dispatcher start again if it is away.
  void heal() {
    if (!is_away_)
      return;
    victim_.start_again();
    is_away_ = false;
    next_ = schedule_.next();
  }

  std::uint64_t kills() const noexcept { return kills_; }

private:
  kill_schedule schedule_;
  dispatcher_under_test& victim_;
  team_crowd& teams_;
  kill_event next_;
  bool is_away_ = false;
  milliseconds away_since_{0};
  std::uint64_t kills_ = 0;
};

} // namespace dispatch::chaos
