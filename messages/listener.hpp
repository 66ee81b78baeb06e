#pragma once

#include <caf/timespan.hpp>
#include <caf/typed_actor.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "messages/batch_provider.hpp"
#include "messages/connection.hpp"
#include "messages/consumer.hpp"
#include "messages/reports.hpp"
#include "messages/type_ids.hpp"

namespace dispatch {

/// A consumer has connected.
struct connection_opened {
  connection_actor connection;
  /// `host:port`.
  std::string peer;
  /// Number of the socket on which it has connected, in the listener's list of ports.
  std::size_t port = 0;
};

struct drain_clients {
  /// How long clients may go on before their passes are ended.
  caf::timespan timeout{};
  /// Why, for the clients whose passes are ended.
  std::string why = "it was told to stop";
};

struct get_listener_report {};

/// A client that can be asked for more.
struct listed_client {
  consumer_actor client;
  std::string client_id;
  /// `host:port`.
  std::string peer;
  /// As in `connection_opened`.
  std::size_t port = 0;
  /// How many passes its host has begun since the start, this one included; nothing where there were too many hosts.
  std::optional<std::uint64_t> passes_of_host{};
};

struct listener_report {
  actor_report actor;
  /// Since the start, refused ones included.
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;
  bool draining = false;
  std::vector<listed_client> clients;
};

/// Knows all clients: spawns one for each connection, refuses those over the limit, and drains them when the service
/// stops.
///
/// Owner: the service. Lifetime: as long as the service; without it the service stops. Errors: none are answered.
using listener_actor = caf::typed_actor<
  /// From the server broker. Answered when the listener has taken the connection over.
  caf::result<void>(connection_opened),
  /// Answered when the last client is gone; that is soon after the timeout at the latest.
  caf::result<void>(drain_clients),
  /// What happened so far, and which clients are connected.
  caf::result<listener_report>(get_listener_report)>;

} // namespace dispatch
