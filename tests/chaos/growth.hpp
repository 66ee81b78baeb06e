#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/chaos/resource_watch.hpp"

namespace dispatch::chaos {

/// What the dispatcher holds while nobody is there and nothing is wrong.
struct calm_state {
  resources held;
  std::uint64_t actors = 0;
};

/// What has grown from one calm moment to a later one, in one sentence each; nothing where all is as it was.
/// @param with_memory whether the memory counts
std::vector<std::string> growth_between(const calm_state& before, const calm_state& after, bool with_memory);

} // namespace dispatch::chaos
