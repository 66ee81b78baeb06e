#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace dispatch::chaos {

/// How the dispatcher of a run is configured.
struct dispatcher_manner {
  std::size_t fetchers = 2; ///< for each upstream
  std::vector<std::string> options;
};

/// The configuration: a pure function of the seed, so that other seeds try other ways through the dispatcher.
dispatcher_manner dispatcher_manner_of(std::uint64_t seed);

} // namespace dispatch::chaos
