#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <vector>

#include "tests/chaos/session/session_reader.hpp"
#include "tests/chaos/session/team_progress.hpp"
#include "tests/chaos/session/team_schedule.hpp"

namespace dispatch::chaos {

/// What teams did and got, in figures.
struct team_counts {
  std::uint64_t teams = 0; ///< that came
  std::uint64_t complete = 0;
  std::uint64_t stints = 0;
  std::uint64_t resumed = 0; ///< stints that began at a cursor
  std::uint64_t connections = 0;
  std::uint64_t cut = 0;     ///< connections that ended because the dispatcher was killed
  std::uint64_t drained = 0; ///< connections that ended because it was told to stop
  std::uint64_t batches = 0;
  std::uint64_t samples = 0; ///< that were kept
  std::uint64_t epochs = 0;  ///< that are over, with each sample once
  std::uint64_t bytes = 0;
  std::uint64_t wrong = 0;
};

/// One team through all its stints. Whoever breaks off ends the stint for all; then all go on at one cursor, as many
/// and with such batches as the next stint has.
class session_team {
public:
  using time_point = session_reader::time_point;

  /// @param known must outlive the team
  session_team(team_plan plan, const known_samples& known, team_traffic traffic, time_point now);

  session_team(const session_team&) = delete;
  session_team& operator=(const session_team&) = delete;

  void watch(poll_set& set, time_point now);

  /// @param port of sessions; 0 while the dispatcher is away
  /// @param patience how long a reader that wants to read may get nothing
  void serve(const poll_set& set, std::uint16_t port, time_point now, std::chrono::seconds patience,
             std::vector<char>& buffer, team_counts& counts);

  /// From the next stint on, nobody breaks off any more.
  void hurry();

  /// The dispatcher was killed.
  void allow_cut();

  /// The dispatcher was told to stop: the stint that is under way is the last.
  void allow_draining();

  /// Whether all of a stint's sessions have begun.
  bool is_served() const;

  /// Whether it has all epochs, something was wrong, or the dispatcher has stopped.
  bool over() const noexcept { return problem_ || progress_.complete() || drained_; }

  bool complete() const noexcept { return !problem_ && progress_.complete(); }

  const std::optional<std::string>& problem() const noexcept { return problem_; }

private:
  void begin_stint(std::uint16_t port, time_point now, team_counts& counts);
  bool is_stint_over() const;
  void end_stint(time_point now, team_counts& counts);
  void fail(const std::string& what);

  team_plan plan_;
  const known_samples& known_;
  stint_schedule stints_;
  team_progress progress_;
  stint_plan stint_; // the one that is under way, or the next
  std::uint64_t stint_number_ = 0;
  std::list<session_reader> readers_; // of the stint that is under way
  time_point begins_at_;
  bool hurries_ = false;
  bool may_drain_ = false;
  bool drained_ = false;
  std::optional<std::string> problem_;
};

} // namespace dispatch::chaos
