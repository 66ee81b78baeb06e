#pragma once

#include <functional>
#include <string>

#include "messages/connection.hpp"
#include "messages/consumer.hpp"
#include "wire/consumer_protocol.hpp"

namespace dispatch {

/// How consumers are served that connect to one socket: in which protocol, and by which actor.
struct consumer_port {
  /// For consumers that have no actor: those that are refused, or whose actor has failed.
  std::function<consumer_protocol_ptr(const std::string& client_id)> make_protocol;
  /// Starts the actor of one consumer. It lives until its connection is down.
  std::function<consumer_actor(connection_actor connection, const std::string& client_id)> spawn;
};

} // namespace dispatch
