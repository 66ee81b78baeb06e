#pragma once

#include <caf/actor_system.hpp>

#include "actors/consumer_port.hpp"
#include "actors/session/session_types.hpp"
#include "messages/event_log.hpp"
#include "messages/fetcher_pool.hpp"

namespace dispatch {

/// Serves consumers by the session protocol.
consumer_port make_session_port(caf::actor_system& system, const session_options& options, const batch_provider& source,
                                const order_directory_actor& orders, const pool_report_actor& pool,
                                const event_log_ptr& log);

} // namespace dispatch
