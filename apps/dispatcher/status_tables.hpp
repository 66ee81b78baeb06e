#pragma once

#include <cstddef>
#include <limits>
#include <string>

#include "io/admin/json_text.hpp"

namespace dispatch {

/// How much room there is.
struct table_room {
  /// Lines are cut there.
  std::size_t width = std::numeric_limits<std::size_t>::max();
  /// How many consumers are shown; those first that need a look: who is stalled, then who has longest to go.
  std::size_t clients = std::numeric_limits<std::size_t>::max();
  /// How many of the last events are shown.
  std::size_t events = 10;
};

/// What `/status` and `/events` say, as tables for a terminal. Throws `admin::json::exception` where it is not what
/// docs/status.md says.
std::string status_tables(const admin::json& status, const admin::json& events, const table_room& room);

} // namespace dispatch
