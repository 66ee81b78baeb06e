#pragma once

#include <caf/actor_system.hpp>

#include "actors/client.hpp"
#include "actors/consumer_port.hpp"

namespace dispatch {

/// Serves consumers by the classic protocol.
consumer_port make_classic_port(caf::actor_system& system, const client_options& options, const batch_provider& source,
                                const event_log_ptr& log);

} // namespace dispatch
