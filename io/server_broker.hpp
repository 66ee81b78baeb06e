#pragma once

#include <caf/io/all.hpp>

#include "io/connection_broker.hpp"
#include "io/listen_socket.hpp"
#include "messages/listener.hpp"
#include "messages/server.hpp"

namespace dispatch::io {

/// The listening socket as CAF's multiplexer sees it.
using server_broker_actor = server_actor::extend<
  /// Somebody connected.
  caf::result<void>(caf::io::new_connection_msg),
  /// The listening socket failed.
  caf::result<void>(caf::io::acceptor_closed_msg)>;

/// See `server_actor`. Gives each accepted socket a connection broker of its own and tells the listener.
class server_broker_state {
public:
  static inline const char* name = "server";

  server_broker_state(server_broker_actor::broker_pointer self, listen_socket socket, listener_actor listener,
                      connection_options options);

  server_broker_actor::behavior_type make_behavior();

private:
  void on_connection(const caf::io::new_connection_msg& msg);
  /// Gives an accepted socket a connection broker.
  void open_connection(caf::io::connection_handle handle);
  void on_stop();

  server_broker_actor::broker_pointer self_;
  listen_socket socket_;
  listener_actor listener_;
  connection_options options_;
  caf::io::accept_handle acceptor_;
};

using server_broker_impl = server_broker_actor::stateful_broker_base<server_broker_state>;

/// Starts a server broker on `socket`, which it then owns.
server_actor spawn_server_broker(caf::actor_system& system, listen_socket socket, listener_actor listener,
                                 connection_options options);

} // namespace dispatch::io
