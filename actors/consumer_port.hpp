#pragma once

#include <functional>
#include <string>

#include "messages/connection.hpp"
#include "messages/consumer.hpp"
#include "wire/consumer_protocol.hpp"

namespace dispatch {

/// How consumers are served that connect to one socket: in which protocol, and by which actor.
struct consumer_port {
  std::function<consumer_protocol_ptr(const std::string& client_id)> make_protocol;
  /// Starts the actor of one consumer. It lives until its connection is down.
  std::function<consumer_actor(connection_actor connection, const std::string& client_id,
                               consumer_protocol_ptr protocol)>
    spawn;
};

} // namespace dispatch
