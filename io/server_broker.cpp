#include "io/server_broker.hpp"

#include <caf/all.hpp>

#include <sys/socket.h>

#include <utility>

#include "io/host_port.hpp"
#include "messages/frame_codec.hpp"

namespace dispatch::io {

namespace {

/// How many connections are accepted in one round besides the multiplexer's one.
constexpr int connections_at_once = 64;

} // namespace

server_broker_state::server_broker_state(server_broker_actor::broker_pointer self, listen_socket socket,
                                         listener_actor listener, connection_options options)
  : self_(self),
    socket_(socket),
    listener_(std::move(listener)),
    options_(options) {}

server_broker_actor::behavior_type server_broker_state::make_behavior() {
  acceptor_ = static_cast<caf::io::abstract_broker*>(self_)->add_doorman(
    static_cast<caf::io::network::native_socket>(socket_.fd));
  return {
    [this](stop_accepting) { on_stop(); },
    [this](const caf::io::new_connection_msg& msg) { on_connection(msg); },
    [this](const caf::io::acceptor_closed_msg&) { self_->quit(caf::sec::runtime_error); },
  };
}

void server_broker_state::on_connection(const caf::io::new_connection_msg& msg) {
  open_connection(msg.handle);
  // The multiplexer accepts one connection in each of its rounds, and a round takes as long as all that is to be sent
  // in it: of many who come at once, the last would wait for seconds.
  for (auto i = 0; i < connections_at_once; ++i) {
    const auto fd = ::accept4(socket_.fd, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0)
      return;
    open_connection(
      static_cast<caf::io::abstract_broker*>(self_)->add_scribe(static_cast<caf::io::network::native_socket>(fd)));
  }
}

void server_broker_state::open_connection(caf::io::connection_handle handle) {
  const auto peer = to_string(host_port{self_->remote_addr(handle), self_->remote_port(handle)});
  auto socket = self_->take(handle);
  caf::actor_config config{self_->context()};
  auto connection = self_->system().spawn_class<connection_broker_impl, caf::no_spawn_options>(config, handle, options_,
                                                                                               client_id_of(peer));
  static_cast<connection_broker_impl*>(caf::actor_cast<caf::abstract_actor*>(connection))
    ->move_scribe(std::move(socket));
  // What the listener does not take over is nobody's.
  self_->request(listener_, caf::infinite, connection_opened{connection, peer})
    .then([] {}, [this, connection](const caf::error&) { self_->send(connection, abort_connection{}); });
}

void server_broker_state::on_stop() {
  self_->close(acceptor_);
  self_->quit();
}

server_actor spawn_server_broker(caf::actor_system& system, listen_socket socket, listener_actor listener,
                                 connection_options options) {
  caf::actor_config config{&system.middleman().backend()};
  return system.spawn_class<server_broker_impl, caf::no_spawn_options>(config, socket, std::move(listener), options);
}

} // namespace dispatch::io
