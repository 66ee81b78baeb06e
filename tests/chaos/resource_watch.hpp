#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <vector>

namespace dispatch::chaos {

/// What a process holds at one moment.
struct resources {
  std::uint64_t rss_bytes = 0;
  std::uint64_t threads = 0;
  std::uint64_t descriptors = 0; ///< all of them
  std::uint64_t clients = 0;     ///< of these: connections that were accepted from consumers
  std::uint64_t upstream = 0;    ///< of these: connections to the upstreams
};

/// Reads from /proc what a process holds.
/// @param process of the same user
/// @param ports where it listens for consumers
/// @param upstream_ports where it connects to
/// @returns nothing once the process has ended
std::optional<resources> resources_of(pid_t process, const std::vector<std::uint16_t>& ports,
                                      const std::vector<std::uint16_t>& upstream_ports);

} // namespace dispatch::chaos
