#include "io/tcp/server_broker.hpp"

#include <caf/all.hpp>

#include <unistd.h>

#include <utility>

#include "io/tcp/announcing_doorman.hpp"
#include "io/tcp/peer_presence.hpp"
#include "io/tcp/peer_sample.hpp"

namespace dispatch::io {

namespace {

/// How many connections are accepted in one round of the multiplexer. A round takes as long as all that is to be sent
/// in it: with one in each, of many that come at once, the last would wait for seconds.
constexpr int connections_at_once = 64;

/// In how many parts the connections are checked, for the same reason: of 10,000, all in one round would keep the
/// others waiting for some 25 ms.
constexpr std::size_t check_parts = 20;

} // namespace

server_broker_state::server_broker_state(server_broker_actor::broker_pointer self, listen_socket socket,
                                         listener_actor listener, server_options options, event_log_ptr log)
  : self_(self),
    listening_(std::move(socket.fd)),
    listening_fd_(listening_.get()),
    listener_(std::move(listener)),
    options_(std::move(options)),
    log_(std::move(log)),
    doubtful_(options_.beginning),
    started_at_(self->clock().now()) {}

server_broker_actor::behavior_type server_broker_state::make_behavior() {
  auto& multiplexer = static_cast<caf::io::network::default_multiplexer&>(self_->system().middleman().backend());
  auto doorman = caf::make_counted<announcing_doorman>(multiplexer, listening_.release());
  acceptor_ = doorman->hdl();
  static_cast<caf::io::abstract_broker*>(self_)->add_doorman(std::move(doorman));
  self_->set_down_handler([this](caf::down_msg& msg) { on_connection_down(msg); });
  schedule_check();
  return {
    [this](stop_accepting) { on_stop(); },
    [this](const caf::io::new_connection_msg&) { accept_waiting(); },
    [this](const caf::io::acceptor_closed_msg&) { self_->quit(caf::sec::runtime_error); },
    [this](check_some_peers) { on_check_some(); },
    [this](get_actor_report) { return on_get_report(); },
  };
}

// -- accepting --------------------------------------------------------------------------------------------------------

void server_broker_state::accept_waiting() {
  for (auto i = 0; i < connections_at_once; ++i) {
    if (connections_.size() + doubtful_.size() >= options_.max_connections) {
      pause_accepting("there are as many connections as there may be");
      return;
    }
    auto result = accept_connection(listening_fd_);
    if (auto* accepted = std::get_if<accepted_socket>(&result)) {
      receive(std::move(*accepted));
      continue;
    }
    const auto problem = std::get<std::error_code>(result);
    if (is_shortage(problem)) {
      pause_accepting(problem.message());
      return;
    }
    if (problem == std::errc::operation_would_block)
      break;
    // Of this connection only: the next may be well.
  }
  resume_accepting();
}

void server_broker_state::receive(accepted_socket accepted) {
  const auto seen = sample_peer(accepted.fd.get());
  switch (seen ? presence_of(*seen, {}) : peer_presence::gone) {
  case peer_presence::present:
    open_connection(std::move(accepted), 0);
    break;
  case peer_presence::gone:
    drop(accepted);
    break;
  case peer_presence::unknown:
    doubtful_.add(std::move(accepted), self_->clock().now());
    break;
  }
}

void server_broker_state::drop(const accepted_socket& accepted) {
  log_->write(severity::debug, "connection_unused", {{"peer", to_string(accepted.peer)}});
}

void server_broker_state::tell_doubtful_apart() {
  auto known = doubtful_.check(self_->clock().now());
  for (auto& peer : known.present)
    open_connection(std::move(peer), options_.beginning.size());
  for (const auto& peer : known.gone)
    drop(peer);
}

void server_broker_state::open_connection(accepted_socket accepted, std::size_t begun_bytes) {
  auto options = options_.connection;
  options.begun_bytes = begun_bytes;
  caf::actor_config config{self_->context()};
  connection_actor connection =
    self_->system().spawn_class<connection_broker_impl, caf::no_spawn_options>(config, std::move(accepted.fd), options);
  self_->monitor(connection);
  connections_.emplace(connection.address(), connection);
  self_->send(connection, check_peer{connections_.size()});
  // A connection that the listener does not take over has no owner.
  self_->request(listener_, caf::infinite, connection_opened{connection, to_string(accepted.peer), options_.port})
    .then([] {}, [this, connection](const caf::error&) { self_->send(connection, abort_connection{}); });
}

void server_broker_state::pause_accepting(const std::string& reason) {
  if (std::exchange(paused_, true))
    return;
  self_->halt(acceptor_);
  log_->write(severity::warning, "accepting_paused", {{"reason", reason}, {"connections", connections_.size()}});
}

void server_broker_state::resume_accepting() {
  if (!std::exchange(paused_, false))
    return;
  self_->trigger(acceptor_);
  log_->write(severity::info, "accepting_resumed", {{"connections", connections_.size()}});
}

// -- connections ------------------------------------------------------------------------------------------------------

void server_broker_state::on_check_some() {
  tell_doubtful_apart();
  check_next();
  if (paused_)
    accept_waiting();
  schedule_check();
}

void server_broker_state::check_next() {
  checks_due_ += connections_.size();
  auto next = connections_.upper_bound(checked_);
  for (; checks_due_ >= check_parts; checks_due_ -= check_parts) {
    if (next == connections_.end())
      next = connections_.begin();
    self_->send(next->second, check_peer{connections_.size()});
    checked_ = next->first;
    ++next;
  }
}

void server_broker_state::schedule_check() {
  // A weak reference: a strong one would keep the server alive when it ends first.
  check_timer_ = self_->clock().schedule_message(
    self_->clock().now() + options_.connection.check_interval / check_parts, caf::weak_actor_ptr{self_->ctrl()},
    caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, check_some_peers{}));
}

void server_broker_state::on_connection_down(const caf::down_msg& msg) {
  connections_.erase(msg.source);
  if (stopping_)
    quit_if_done();
  else if (paused_)
    accept_waiting();
}

void server_broker_state::on_stop() {
  if (std::exchange(stopping_, true))
    return;
  paused_ = false;
  self_->close(acceptor_);
  // The listener tells them that they come too late.
  for (auto& peer : doubtful_.take_all())
    open_connection(std::move(peer), options_.beginning.size());
  quit_if_done();
}

actor_report server_broker_state::on_get_report() {
  return row_of(self_, name, stopping_ ? "stopping" : paused_ ? "paused" : "accepting", started_at_);
}

void server_broker_state::quit_if_done() {
  if (!connections_.empty())
    return;
  check_timer_.dispose();
  self_->quit();
}

server_actor spawn_server_broker(caf::actor_system& system, listen_socket socket, listener_actor listener,
                                 server_options options, event_log_ptr log) {
  caf::actor_config config{&system.middleman().backend()};
  return system.spawn_class<server_broker_impl, caf::no_spawn_options>(config, std::move(socket), std::move(listener),
                                                                       std::move(options), std::move(log));
}

} // namespace dispatch::io
