#pragma once

#include <caf/io/middleman.hpp>
#include <caf/test/dsl.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "io/tcp/coalescing_multiplexer.hpp"
#include "io/tcp/listen_socket.hpp"
#include "io/tcp/server_broker.hpp"
#include "tests/support/batches.hpp"
#include "tests/support/event_recorder.hpp"
#include "wire/classic_codec.hpp"
#include "wire/classic_protocol.hpp"

namespace dispatch::test {

/// Hands connections to the test, which plays listener and owner from its own thread.
inline listener_actor::behavior_type forwarding_listener(listener_actor::pointer, caf::actor test) {
  return {
    [test](const connection_opened& opened) { caf::anon_send(test, opened); },
    [](const drain_clients&) {},
    [](get_listener_report) { return listener_report{}; },
  };
}

/// Passes on to the test what a connection says.
inline connection_owner_actor::behavior_type forwarding_owner(connection_owner_actor::pointer, caf::actor test) {
  return {
    [test](const messages_sent& sent) { caf::anon_send(test, sent); },
    [test](const input_received& input) { caf::anon_send(test, input); },
    [test](input_ended ended) { caf::anon_send(test, ended); },
    [test](const peer_stalled& stall) { caf::anon_send(test, stall); },
    [test](const peer_lost& lost) { caf::anon_send(test, lost); },
  };
}

/// A server broker with its connections on real sockets: CAF's test multiplexer knows neither data_transferred_msg nor
/// half-closed peers.
struct broker_fixture {
  static constexpr std::chrono::seconds timeout{30};
  static constexpr std::int32_t messages_at_a_time = 3;

  struct config : caf::actor_system_config {
    config() {
      load<caf::io::middleman, io::coalescing_multiplexer>();
      set("caf.scheduler.max-threads", 2);
      set("caf.logger.console.verbosity", "quiet");
      set("caf.metrics-filters.actors.includes", std::vector<std::string>{"connection"});
    }
  };

  config cfg;
  caf::actor_system sys{cfg};
  caf::scoped_actor self{sys};
  std::shared_ptr<event_recorder> log = std::make_shared<event_recorder>();
  io::server_options server_options;
  io::connection_options& options = server_options.connection;
  std::uint16_t port = 0;
  server_actor server;

  /// All that were accepted.
  std::vector<connection_actor> connections;

  ~broker_fixture() {
    anon_send(server, stop_accepting{});
    // A peer that has only closed its side may still want everything.
    for (const auto& connection : connections)
      anon_send(connection, abort_connection{});
  }

  void start() { start(listen()); }

  /// Peers may connect from now on, and wait.
  io::listen_socket listen() {
    auto socket = std::get<io::listen_socket>(io::open_listen_socket({"127.0.0.1", 0}));
    port = socket.port;
    return socket;
  }

  void start(io::listen_socket socket) {
    server_options.beginning = classic_beginning;
    server = io::spawn_server_broker(sys, std::move(socket), sys.spawn(forwarding_listener, caf::actor{self}),
                                     server_options, log);
  }

  connection_opened accept() {
    connection_opened result;
    self->receive([&](const connection_opened& opened) { result = opened; },
                  caf::after(timeout) >> [] { CAF_FAIL("nobody connected"); });
    self->monitor(result.connection);
    connections.push_back(result.connection);
    return result;
  }

  /// That the owner is told that its peer takes nothing.
  void expect_stall() {
    auto told = false;
    self->receive_while([&] { return !told; })([](const messages_sent&) {}, [&](const peer_stalled&) { told = true; },
                                               caf::after(timeout) >> [] { CAF_FAIL("nobody is told"); });
  }

  /// That the owner is not told so for a while.
  void expect_no_stall(const char* why) {
    auto waited = false;
    self->receive_while([&] { return !waited; })([](const messages_sent&) {},
                                                 [&](const peer_stalled&) { CAF_FAIL(why); },
                                                 caf::after(std::chrono::seconds{2}) >> [&] { waited = true; });
  }

  /// That the owner is told of such an error.
  void expect_lost(int error) {
    auto told = false;
    self->receive_while([&] { return !told; })([](const messages_sent&) {},
                                               [&](const peer_lost& lost) {
                                                 CAF_CHECK_EQUAL(lost.why, std::generic_category().message(error));
                                                 told = true;
                                               },
                                               caf::after(timeout) >> [] { CAF_FAIL("nobody is told"); });
  }

  void expect_down() {
    self->receive([](const caf::down_msg&) {}, caf::after(timeout) >> [] { CAF_FAIL("the connection stays"); });
  }

  connection_owner_actor attach(const connection_opened& to) {
    auto owner = sys.spawn(forwarding_owner, caf::actor{self});
    self->send(to.connection, attach_owner{owner});
    return owner;
  }

  unsent_dropped drop_unsent_of(const connection_actor& of) {
    unsent_dropped result;
    self->request(of, timeout, drop_unsent{})
      .receive([&](const unsent_dropped& left) { result = left; }, [](const caf::error& why) { CAF_FAIL(why); });
    return result;
  }

  void send_message(const connection_actor& to, std::string text) {
    self->send(to, send_pieces{{{shared_bytes{std::move(text)}, true}}});
  }

  /// Sends `count` batches of `size` bytes of samples and the end.
  /// @returns what the peer must get
  std::string send_pass(const connection_actor& to, std::int32_t count, std::size_t size) {
    const classic_protocol protocol{"c"};
    std::string expected;
    send_pieces next;
    for (std::int32_t i = 0; i < count; ++i) {
      protocol.encode(*make_batch(i, false, std::string(size, static_cast<char>(i))), i + 1 == count, next.pieces);
      if (i % messages_at_a_time != 0 && i + 1 < count)
        continue;
      for (const auto& part : next.pieces)
        expected.append(part.bytes.view());
      self->send(to, std::exchange(next, {}));
    }
    self->send(to, finish_sending{});
    return expected;
  }
};

} // namespace dispatch::test
