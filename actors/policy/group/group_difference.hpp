#pragma once

#include <optional>
#include <string>

#include "wire/group/group_spec.hpp"

namespace dispatch::policy {

/// Compares what a new member says with what the group is. Where a group begins is its first member's business.
/// @returns what differs, with both values; nothing where they agree
std::optional<std::string> difference_of(const group_spec& asked, const group_spec& there);

} // namespace dispatch::policy
