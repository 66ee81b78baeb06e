#pragma once

#include <cstddef>
#include <cstdint>

#include "apps/dispatcher/config.hpp"

namespace dispatch {

/// How many connections of consumers have room at a time; of each kind at least 1.
struct client_room {
  /// Those that are served.
  std::size_t clients = 1;
  /// Those on top that are told that there is no room for them.
  std::size_t refused = 1;
};

/// The room among so many `descriptors`. A reserve is left to files, to connections to upstreams and to those who are
/// refused: where `descriptors` are few, half of them.
client_room room_for_clients(std::uint64_t descriptors, const config& values);

} // namespace dispatch
