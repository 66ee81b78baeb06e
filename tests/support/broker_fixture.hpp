#pragma once

#include <caf/io/middleman.hpp>
#include <caf/test/dsl.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "io/tcp/coalescing_multiplexer.hpp"
#include "io/tcp/listen_socket.hpp"
#include "io/tcp/server_broker.hpp"
#include "tests/support/event_recorder.hpp"
#include "wire/classic_codec.hpp"

namespace dispatch::test {

/// Hands connections to the test, which plays listener and client from its own thread.
inline listener_actor::behavior_type forwarding_listener(listener_actor::pointer, caf::actor test) {
  return {
    [test](const connection_opened& opened) { caf::anon_send(test, opened); },
    [](const drain_clients&) {},
    [](get_listener_report) { return listener_report{}; },
  };
}

/// Passes credit and bad news on to the test.
inline client_actor::behavior_type credit_client(client_actor::pointer, caf::actor test) {
  return {
    [test](const frames_written& written) { caf::anon_send(test, written); },
    [](client_tick) {},
    [test](const peer_stalled& stall) { caf::anon_send(test, stall); },
    [](const end_stream&) {},
    [](get_client_report) { return client_report{}; },
  };
}

/// A server broker with its connections on real sockets: CAF's test multiplexer knows neither data_transferred_msg nor
/// half-closed peers.
struct broker_fixture {
  static constexpr std::chrono::seconds patience{30};
  static constexpr std::size_t frames_in_a_message = 3;

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
    const auto socket = std::get<io::listen_socket>(io::open_listen_socket({"127.0.0.1", 0}));
    port = socket.port;
    return socket;
  }

  void start(const io::listen_socket& socket) {
    server =
      io::spawn_server_broker(sys, socket, sys.spawn(forwarding_listener, caf::actor{self}), server_options, log);
  }

  connection_opened accept() {
    connection_opened result;
    self->receive([&](const connection_opened& opened) { result = opened; },
                  caf::after(patience) >> [] { CAF_FAIL("nobody connected"); });
    self->monitor(result.connection);
    connections.push_back(result.connection);
    return result;
  }

  /// That the client is told that its peer takes nothing.
  void expect_stall() {
    auto told = false;
    self->receive_while([&] { return !told; })([](const frames_written&) {}, [&](const peer_stalled&) { told = true; },
                                               caf::after(patience) >> [] { CAF_FAIL("nobody is told"); });
  }

  void expect_down() {
    self->receive([](const caf::down_msg&) {}, caf::after(patience) >> [] { CAF_FAIL("the connection stays"); });
  }

  client_actor attach(const connection_opened& to) {
    auto client = sys.spawn(credit_client, caf::actor{self});
    self->send(to.connection, attach_client{client});
    return client;
  }

  /// Sends `count` frames of `size` bytes of samples and the end of the stream.
  /// @returns what the peer must get
  std::string send_stream(const connection_actor& to, std::int32_t count, std::size_t size) {
    const auto tail = std::make_shared<const std::string>(encode_tail("c", false));
    const auto last_tail = std::make_shared<const std::string>(encode_tail("c", true));
    std::string expected;
    write_frames next;
    for (std::int32_t i = 0; i < count; ++i) {
      const auto body = encode_frame(i, false, std::string(size, static_cast<char>(i)));
      const auto& end = i + 1 == count ? last_tail : tail;
      expected.append(body->encoded()).append(*end);
      next.frames.push_back({body, end});
      if (next.frames.size() == frames_in_a_message || i + 1 == count)
        self->send(to, std::exchange(next, {}));
    }
    self->send(to, finish_stream{});
    return expected;
  }
};

} // namespace dispatch::test
