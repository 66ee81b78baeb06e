#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <vector>

#include "tests/chaos/session/session_team.hpp"

namespace dispatch::chaos {

/// The teams of a run: a few are there at all times, and whoever has finished makes room for the next.
class team_crowd {
public:
  using time_point = session_team::time_point;

  struct options {
    std::uint64_t seed = 1;
    std::size_t present = 5;            ///< at a time
    std::chrono::seconds patience{120}; ///< how long a reader that wants to read may get nothing
  };

  /// @param known must outlive the crowd
  team_crowd(const known_samples& known, options opts);

  /// Lets those come for whom there is room.
  void admit(time_point now);

  /// Has those who are there go on to their end without breaking off.
  void hurry();

  /// The dispatcher was killed: sessions that were open may end at any byte.
  void allow_cut();

  /// The dispatcher was told to stop. Teams that are told so by it are done.
  void allow_draining();

  void watch(poll_set& set, time_point now);

  /// @param port of sessions; 0 while the dispatcher is away
  void serve(const poll_set& set, std::uint16_t port, time_point now);

  /// Whether the sessions of all who are there have begun.
  bool are_served() const;

  std::size_t present() const noexcept { return teams_.size(); }

  const team_counts& counts() const noexcept { return counts_; }

  /// What was wrong, the first ones in words.
  const std::vector<std::string>& problems() const noexcept { return problems_; }

private:
  const known_samples& known_;
  options options_;
  team_traffic traffic_;
  team_schedule arrivals_;
  std::list<session_team> teams_;
  std::vector<char> buffer_;
  team_counts counts_;
  std::vector<std::string> problems_;
};

} // namespace dispatch::chaos
