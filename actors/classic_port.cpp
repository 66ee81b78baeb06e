#include "actors/classic_port.hpp"

#include <caf/all.hpp>

#include <memory>
#include <utility>

#include "wire/classic_protocol.hpp"

namespace dispatch {

consumer_port make_classic_port(caf::actor_system& system, const client_options& options, const batch_provider& source,
                                const event_log_ptr& log) {
  return {
    [](const std::string& client_id) { return std::make_shared<const classic_protocol>(client_id); },
    [&system, options, source, log, metrics = std::make_shared<const client_metrics>(system.metrics())](
      connection_actor connection, const std::string& client_id) {
      return system.spawn<client_impl>(options, source, std::move(connection), client_id,
                                       std::make_shared<const classic_protocol>(client_id), log, metrics);
    },
  };
}

} // namespace dispatch
