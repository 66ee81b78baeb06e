#pragma once

#include <optional>
#include <string>

#include "apps/pull/session/session_request.hpp"
#include "tests/chaos/session/team_plan.hpp"
#include "wire/session/cursor.hpp"

namespace dispatch::chaos {

/// What one rank of a stint asks for.
struct session_wish {
  const team_plan* team = nullptr;   ///< outlives the wish
  const stint_plan* stint = nullptr; ///< the same
  std::int64_t rank = 0;
  std::optional<session_cursor> start; ///< nothing: the beginning
};

/// The line that opens the session, with its '\n'.
std::string hello_of(const session_wish& wish);

/// The same, for who checks that it is in force.
pull::session_request request_of(const session_wish& wish);

} // namespace dispatch::chaos
