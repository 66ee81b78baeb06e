#pragma once

#include <caf/disposable.hpp>
#include <caf/io/all.hpp>

#include <chrono>
#include <cstddef>
#include <limits>
#include <map>
#include <string>

#include "io/tcp/connection_broker.hpp"
#include "io/tcp/doubtful_peers.hpp"
#include "io/tcp/listen_socket.hpp"
#include "messages/event_log.hpp"
#include "messages/listener.hpp"
#include "messages/server.hpp"

namespace dispatch::io {

struct server_options {
  connection_options connection;
  /// Number of the socket in the listener's list of ports.
  std::size_t port = 0;
  /// What everything sent to a consumer begins with.
  std::string beginning;
  /// Connections at a time, those that are refused or linger included; the next one waits to be accepted.
  std::size_t max_connections = std::numeric_limits<std::size_t>::max();
};

/// The listening socket as CAF's multiplexer sees it.
using server_broker_actor = server_actor::extend<
  /// Consumers want to connect.
  caf::result<void>(caf::io::new_connection_msg),
  /// The listening socket failed.
  caf::result<void>(caf::io::acceptor_closed_msg),
  /// From itself.
  caf::result<void>(check_some_peers)>;

/// See `server_actor`. Gives each accepted socket a connection broker of its own and tells the listener.
///
/// While there is no descriptor for another connection, or there are as many as there may be, it does not listen, and
/// tries again when a connection is down and with each check of peers.
class server_broker_state {
public:
  static inline const char* name = "server";

  server_broker_state(server_broker_actor::broker_pointer self, listen_socket socket, listener_actor listener,
                      server_options options, event_log_ptr log);

  server_broker_actor::behavior_type make_behavior();

private:
  /// Accepts connections that wait, as many as fit in one round.
  void accept_waiting();
  /// Finds out whether the peer is there that has connected.
  void receive(accepted_socket accepted);
  /// Gives an accepted socket a connection broker.
  /// @param begun_bytes of what it is sent that were sent already
  void open_connection(accepted_socket accepted, std::size_t begun_bytes);
  /// Closes a connection whose peer has closed it before anything was sent.
  void drop(const accepted_socket& accepted);
  void pause_accepting(const std::string& reason);
  void resume_accepting();

  void on_check_some();
  void tell_doubtful_apart();
  /// Has those checked whose turn it is.
  void check_next();
  void schedule_check();
  void on_connection_down(const caf::down_msg& msg);
  void on_stop();
  actor_report on_get_report();
  void quit_if_done();

  server_broker_actor::broker_pointer self_;
  /// Until the multiplexer has it.
  unique_fd listening_;
  int listening_fd_;
  listener_actor listener_;
  server_options options_;
  event_log_ptr log_;
  caf::io::accept_handle acceptor_;
  /// Those that are open, by their address.
  std::map<caf::actor_addr, connection_actor> connections_;
  doubtful_peers doubtful_;
  /// The one that was checked last; the others follow in the order of their addresses.
  caf::actor_addr checked_;
  /// How many checks are due, in fractions of those that a connection gets in an interval.
  std::size_t checks_due_ = 0;
  bool paused_ = false;
  bool stopping_ = false;
  caf::disposable check_timer_;
  std::chrono::steady_clock::time_point started_at_;
};

using server_broker_impl = server_broker_actor::stateful_broker_base<server_broker_state>;

/// Starts a server broker on `socket`, which it then owns.
server_actor spawn_server_broker(caf::actor_system& system, listen_socket socket, listener_actor listener,
                                 server_options options, event_log_ptr log);

} // namespace dispatch::io
