#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "bench/floor/floor_connection.hpp"
#include "bench/floor/options.hpp"
#include "bench/floor/ready_lines.hpp"
#include "io/tcp/socket_options.hpp"
#include "io/unique_fd.hpp"

namespace dispatch::bench {

/// Accepts clients and sends all frames to each, in one thread.
class floor_server {
public:
  /// Listens. Throws `std::runtime_error`, with one sentence, where that is not possible.
  floor_server(const floor_options& options, std::vector<ready_frame> frames);

  /// The port that it listens at.
  std::uint16_t port() const noexcept { return port_; }

  /// Serves until `stop_fd` becomes readable.
  void serve(int stop_fd);

private:
  void watch(int fd, std::uint32_t events, int operation);
  void accept_all();
  void on_ready(int fd);
  static floor_connection::state step(floor_connection& connection, floor_connection::state now);

  std::vector<ready_frame> frames_;
  bool is_session_;
  std::size_t unsent_limit_;
  io::unique_fd listening_;
  std::uint16_t port_ = 0;
  io::unique_fd epoll_;
  /// A connection, and the state that it was in.
  struct served {
    floor_connection connection;
    floor_connection::state state;
  };

  std::unordered_map<int, served> connections_; // by descriptor
};

} // namespace dispatch::bench
