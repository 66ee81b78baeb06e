#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "tests/chaos/client_tally.hpp"
#include "tests/chaos/resource_watch.hpp"
#include "tests/chaos/session/session_team.hpp"

namespace dispatch::chaos {

/// Where a run is.
struct run_progress {
  std::chrono::seconds since_start{0};
  bool in_chaos = false;
  std::uint64_t faults = 0; ///< of upstreams
  std::uint64_t kills = 0;  ///< of the dispatcher
  client_tally::counts clients;
  std::size_t present = 0; ///< of the clients
  team_counts teams;
  resources held;
};

/// One line, with its '\n'.
std::string to_text(const run_progress& progress);

} // namespace dispatch::chaos
