#pragma once

#include <cstdint>
#include <string>
#include <system_error>
#include <variant>

#include "io/host_port.hpp"
#include "io/unique_fd.hpp"

namespace dispatch::io {

/// A TCP socket that listens.
struct listen_socket {
  unique_fd fd;
  /// The actual port, also where port 0 was asked for.
  std::uint16_t port = 0;
};

/// Binds and listens. An empty host means all addresses, v6 and v4, where the machine has both.
/// @returns the socket, or one sentence that says what is wrong
std::variant<listen_socket, std::string> open_listen_socket(const host_port& address);

/// Whether a socket is bound to an address that only this machine reaches.
bool is_loopback(int fd);

/// A connection that was accepted.
struct accepted_socket {
  /// Does not block.
  unique_fd fd;
  host_port peer;
};

/// Accepts a connection that waits at a listening socket.
/// @returns the connection, or what is wrong: `operation_would_block` when none waits
std::variant<accepted_socket, std::error_code> accept_connection(int listening_fd);

/// Whether a connection could not be accepted for want of something that may be there again later: a descriptor of this
/// process or of the whole machine, or memory.
bool is_shortage(std::error_code problem) noexcept;

} // namespace dispatch::io
