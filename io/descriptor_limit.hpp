#pragma once

#include <cstdint>

namespace dispatch::io {

/// Allows this process as many descriptors as it may allow itself: each connection takes one, and the usual soft limit
/// is 1,024.
/// @returns how many that are
std::uint64_t raise_descriptor_limit();

} // namespace dispatch::io
