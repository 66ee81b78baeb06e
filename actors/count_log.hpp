#pragma once

#include <caf/actor_system.hpp>

#include <chrono>

#include "messages/event_log.hpp"
#include "messages/inspector.hpp"

namespace dispatch {

/// How long the inspector may take to answer: much longer than its own deadline.
inline constexpr std::chrono::seconds count_log_timeout{5};

/// Has the inspector asked, and its report written to the log as counts. Does not wait for either. Parts that do not
/// answer are named.
void log_counts(caf::actor_system& system, const inspector_actor& inspector, event_log_ptr log);

} // namespace dispatch
