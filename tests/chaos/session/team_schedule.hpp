#pragma once

#include <cstdint>

#include "tests/chaos/session/team_plan.hpp"

namespace dispatch::chaos {

/// What teams read.
struct team_traffic {
  std::int64_t samples = 2990;
  std::uint64_t epoch_bytes = 3'000'000; ///< about what an epoch takes on the wire
};

/// The teams of a run, one after another without an end: a pure function of the seed and the traffic.
class team_schedule {
public:
  team_schedule(std::uint64_t seed, team_traffic traffic);

  team_plan next();

private:
  random_source random_;
  team_traffic traffic_;
  std::uint64_t number_ = 0;
};

/// The stints of one team: a pure function of the team's seed and the traffic. Every kind of reader comes, and every
/// few stints one that nobody breaks off.
class stint_schedule {
public:
  stint_schedule(const team_plan& team, team_traffic traffic);

  stint_plan next();

  /// One that goes on to the end of the last epoch, with readers that take what there is.
  stint_plan last();

private:
  stint_plan draw_form();
  reader_plan draw_reader(reader_kind kind, std::uint64_t bytes);

  random_source random_;
  team_traffic traffic_;
  deck<reader_kind> steady_;
  deck<reader_kind> breaking_;
};

} // namespace dispatch::chaos
