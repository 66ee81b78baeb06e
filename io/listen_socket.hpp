#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "io/host_port.hpp"

namespace dispatch::io {

/// A TCP socket that listens.
struct listen_socket {
  /// Owned by whoever has this.
  int fd = -1;
  /// The actual port, also where port 0 was asked for.
  std::uint16_t port = 0;
};

/// Binds and listens. An empty host means all addresses, v6 and v4, where the machine has both.
/// @returns the socket, or one sentence that says what is wrong
std::variant<listen_socket, std::string> open_listen_socket(const host_port& address);

} // namespace dispatch::io
