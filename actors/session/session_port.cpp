#include "actors/session/session_port.hpp"

#include <caf/all.hpp>

#include <memory>
#include <utility>

#include "actors/session/session.hpp"
#include "wire/session/session_protocol.hpp"

namespace dispatch {

consumer_port make_session_port(caf::actor_system& system, const session_options& options, const batch_provider& source,
                                const order_directory_actor& orders, const pool_report_actor& pool,
                                const event_log_ptr& log) {
  return {
    [](const std::string&) { return std::make_shared<const session_protocol>(); },
    [&system, options, source, orders, pool, log, metrics = std::make_shared<const client_metrics>(system.metrics())](
      connection_actor connection, const std::string& client_id) {
      return system.spawn<session_impl>(options, source, orders, pool, std::move(connection), client_id, log, metrics);
    },
  };
}

} // namespace dispatch
