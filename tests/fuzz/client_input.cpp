// caf: io core
// sources: io/tcp/announcing_doorman.cpp io/tcp/coalescing_multiplexer.cpp io/tcp/connection_broker.cpp
// sources: io/tcp/doubtful_peers.cpp io/tcp/gather_send.cpp io/host_port.cpp io/tcp/listen_socket.cpp
// sources: io/tcp/outbox.cpp io/tcp/peer_check.cpp io/tcp/peer_presence.cpp io/tcp/peer_sample.cpp
// sources: io/tcp/server_broker.cpp io/tcp/socket_options.cpp io/tcp/watched_socket.cpp io/socket_port.cpp
// sources: wire/base64.cpp wire/base64_kernels.cpp wire/batch.cpp wire/classic_codec.cpp wire/classic_protocol.cpp
// sources: wire/status_code.cpp messages/reports.cpp messages/status_code.cpp messages/type_ids.cpp
// sources: tests/support/tcp_client.cpp

#include <caf/all.hpp>
#include <caf/io/all.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "io/host_port.hpp"
#include "io/tcp/coalescing_multiplexer.hpp"
#include "io/tcp/listen_socket.hpp"
#include "io/tcp/server_broker.hpp"
#include "tests/support/batches.hpp"
#include "tests/support/event_recorder.hpp"
#include "tests/support/fuzz_input.hpp"
#include "tests/support/tcp_client.hpp"
#include "wire/classic_protocol.hpp"

/// @file
/// Whatever bytes a client sends, in whatever pieces, before, during or after its stream, it gets the same stream and
/// an orderly end. Real sockets: nothing of the project looks at these bytes, but the kernel resets connections for
/// them.

using namespace dispatch;
using test::require;

namespace {

constexpr std::chrono::seconds timeout{30};

struct known_types {
  known_types() {
    init_message_types();
    caf::io::middleman::init_global_meta_objects();
    caf::core::init_global_meta_objects();
  }
};

struct config : caf::actor_system_config {
  config() {
    load<caf::io::middleman, io::coalescing_multiplexer>();
    set("caf.scheduler.max-threads", 1);
    set("caf.logger.console.verbosity", "quiet");
  }
};

listener_actor::behavior_type forward(listener_actor::pointer, caf::actor to) {
  return {
    [to](const connection_opened& opened) { caf::anon_send(to, opened); },
    [](const drain_clients&) {},
    [](get_listener_report) { return listener_report{}; },
  };
}

/// A server, of which this plays listener and clients from its own thread.
class server {
public:
  server() {
    auto socket = std::get<io::listen_socket>(io::open_listen_socket({"127.0.0.1", 0}));
    port_ = socket.port;
    broker_ = io::spawn_server_broker(system_, std::move(socket), system_.spawn(forward, caf::actor{self_}), {},
                                      std::make_shared<test::event_recorder>());
    const classic_protocol protocol{"c"};
    for (const auto size : {100, 100'000, 10}) {
      pieces next;
      protocol.encode(*test::make_batch(static_cast<std::int32_t>(messages_.size()), false, std::string(size, 'x')),
                      size == 10, next);
      for (const auto& part : next)
        stream_.append(part.bytes.view());
      messages_.push_back(std::move(next));
    }
  }

  std::uint16_t port() const { return port_; }

  /// What every client has to get.
  const std::string& stream() const { return stream_; }

  std::size_t message_count() const { return messages_.size(); }

  connection_actor accept() {
    connection_actor result;
    self_->receive([&](const connection_opened& opened) { result = opened.connection; },
                   caf::after(timeout) >> [] { require(false, "a connection is noticed"); });
    self_->monitor(result);
    // What comes is read, and nobody is told.
    self_->send(result, allow_input{std::size_t{64} << 20});
    return result;
  }

  void send_message(const connection_actor& to, std::size_t index) {
    self_->send(to, send_pieces{messages_[index]});
    if (index + 1 == messages_.size())
      self_->send(to, finish_sending{});
  }

  void expect_end() {
    self_->receive([](const caf::down_msg&) {},
                   caf::after(timeout) >> [] { require(false, "a connection ends with its stream"); });
  }

private:
  known_types types_;
  config config_;
  caf::actor_system system_{config_};
  caf::scoped_actor self_{system_};
  std::uint16_t port_ = 0;
  server_actor broker_;
  std::vector<pieces> messages_;
  std::string stream_;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  // Never destroyed: CAF needs variables of the thread for that, which are gone when static ones are destroyed.
  static auto& from = *new server;
  const auto input = test::cut(bytes, size);
  const auto pieces = input.views();
  // Some come before the first message, some between messages, some when all has been read.
  const auto first = static_cast<unsigned char>(input.whole.empty() ? '\0' : input.whole.front());
  const auto early = first % 4;
  const auto closes_early = first % 8 >= 4;
  std::size_t sent = 0;
  test::tcp_client peer{from.port()};
  const auto send_some = [&](std::size_t count) {
    for (; count > 0 && sent < pieces.size(); --count)
      peer.send(pieces[sent++]);
  };
  send_some(early);
  const auto connection = from.accept();
  for (std::size_t index = 0; index < from.message_count(); ++index) {
    from.send_message(connection, index);
    send_some(1);
  }
  if (closes_early) {
    send_some(pieces.size());
    peer.half_close();
  }
  require(peer.read_all() == from.stream(), "a client gets its stream whatever it sends");
  if (!closes_early) {
    send_some(pieces.size());
    peer.half_close();
  }
  from.expect_end();
  return 0;
}
