#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "io/unique_fd.hpp"
#include "tests/chaos/fault_schedule.hpp"
#include "tests/chaos/poll_set.hpp"
#include "tests/chaos/proxied_connection.hpp"

namespace dispatch::chaos {

/// Stands between the dispatcher and one dataset server, at a port of its own that stays the same, and makes the faults
/// of a network.
class fault_proxy {
public:
  using time_point = proxied_connection::time_point;

  fault_proxy();

  /// Where the dispatcher connects.
  std::uint16_t port() const noexcept { return port_; }

  /// Leads connections to the server at this port of the loopback from now on.
  void lead_to(std::uint16_t server_port);

  /// There is no server: connections are reset, new ones refused.
  void lead_nowhere();

  /// Begins a fault of the network, or makes it where it happens once. One at a time.
  void begin(const fault_event& event);

  /// The fault is over.
  void end();

  /// Waits for what it can do now.
  void watch(poll_set& set, time_point now);

  /// Does it.
  void serve(const poll_set& set, time_point now);

  /// Connections that are open now.
  std::size_t connections() const noexcept { return connections_.size() + unanswered_.size(); }

  /// Connections since the start.
  std::uint64_t accepted() const noexcept { return accepted_; }

  /// Frames that were damaged.
  std::uint64_t damages() const noexcept { return damages_; }

  /// Bytes that came through, both ways.
  std::uint64_t passed() const;

private:
  enum class greeting { led_to_server, nothing, garbage };

  /// A connection that is not led to the server.
  struct unanswered {
    io::unique_fd socket;
    poll_set::slot slot = poll_set::none;
  };

  void listen();
  void accept_all();
  void lead(io::unique_fd socket);
  void drop_unanswered(const poll_set& set);
  void drop_over();
  void reset_all();

  io::unique_fd reserved_; // keeps the port while nobody listens
  std::uint16_t port_;
  io::unique_fd listening_;
  poll_set::slot listening_slot_ = poll_set::none;
  std::optional<std::uint16_t> server_;
  bool refusing_ = false;
  greeting greeting_ = greeting::led_to_server;
  link_manner manner_;
  std::vector<proxied_connection> connections_;
  std::vector<unanswered> unanswered_;
  std::uint64_t accepted_ = 0;
  std::uint64_t damages_ = 0;
  std::uint64_t passed_ = 0; // by connections that are over
};

} // namespace dispatch::chaos
