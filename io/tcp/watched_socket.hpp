#pragma once

#include <caf/actor_control_block.hpp>
#include <caf/io/abstract_broker.hpp>
#include <caf/io/network/default_multiplexer.hpp>
#include <caf/io/network/event_handler.hpp>
#include <caf/message.hpp>
#include <caf/ref_counted.hpp>

#include "io/unique_fd.hpp"

namespace dispatch::io {

/// A connected socket in the loop of CAF's multiplexer. Tells its broker when the kernel has bytes or room
/// (`socket_readable`, `socket_writable`), or the socket has failed (`socket_failed`); the broker reads and writes.
/// CAF's own sockets (scribes) do both, but they take a peer that has closed its sending side for one that is gone.
///
/// Owner: the broker, whose thread makes all calls. It keeps its broker, and itself, until `close`.
class watched_socket : public caf::ref_counted, public caf::io::network::event_handler {
public:
  watched_socket(caf::io::network::default_multiplexer& multiplexer, unique_fd socket,
                 caf::io::abstract_broker* broker);

  void watch_input(bool wanted);

  void watch_output(bool wanted);

  bool watches_output() const noexcept { return watches_output_; }

  /// Leaves the loop. The descriptor is closed in the multiplexer's next round: the present one may have seen events of
  /// it that are yet to be told.
  void close();

  void handle_event(caf::io::network::operation op) override;

  void removed_from_loop(caf::io::network::operation) override {}

  void graceful_shutdown() override { close(); }

private:
  void tell(const caf::message& what);

  caf::io::abstract_broker* broker_;
  /// Null: closed.
  caf::strong_actor_ptr keep_;
  bool watches_input_ = false;
  bool watches_output_ = false;
};

} // namespace dispatch::io
