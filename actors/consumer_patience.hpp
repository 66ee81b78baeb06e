#pragma once

#include <chrono>
#include <optional>

#include "messages/batch_provider.hpp"

/// @file
/// How long consumers of any protocol wait for what they ask for.

namespace dispatch {

/// When the batch provider has to answer what is asked at `now`.
/// @param give_up_after zero: it may take any time
inline deadline deadline_of(std::chrono::steady_clock::time_point now, std::chrono::milliseconds give_up_after) {
  return give_up_after.count() > 0 ? now + give_up_after : no_deadline;
}

/// What was asked before this time is overdue: the batch provider has not even answered that its deadline is over.
/// @returns nothing where it may take any time
inline std::optional<std::chrono::steady_clock::time_point> overdue_before(std::chrono::steady_clock::time_point now,
                                                                           std::chrono::milliseconds give_up_after) {
  constexpr std::chrono::milliseconds margin{3000};
  return give_up_after.count() > 0 ? std::optional{now - give_up_after - margin} : std::nullopt;
}

} // namespace dispatch
