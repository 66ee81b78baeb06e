#pragma once

#include <cstdint>

#include "apps/dispatcher/config.hpp"

namespace dispatch {

/// Allows this process as many descriptors as it may allow itself.
/// @returns how many that are
std::uint64_t raise_descriptor_limit();

/// How many clients have room among so many `descriptors`. A reserve is left to files, to connections to upstreams and
/// to those who are told that there is no room: where `descriptors` are few, half of them.
/// @returns at least 1
std::size_t clients_that_fit(std::uint64_t descriptors, const config& values);

} // namespace dispatch
