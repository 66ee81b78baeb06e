#pragma once

#include <chrono>

namespace dispatch::io {

/// How the kernel treats a connection.
struct socket_options {
  /// Bytes that may wait unsent in the kernel before it takes no more; bounds its memory for a peer that does not read
  /// without limiting what a fast, distant peer has in flight (TCP_NOTSENT_LOWAT, tcp(7)).
  int unsent_limit = 131072;
  /// A peer that vanished without a word is noticed after about so long (keepalive and TCP_USER_TIMEOUT).
  std::chrono::seconds dead_peer_timeout{60};
};

/// Applies what the kernel knows of `options` to a connected TCP socket. What it does not know is left out: the
/// connection works without.
void tune_socket(int fd, const socket_options& options);

/// Lets nothing wait for a peer any more: closing the socket will drop what is unsent.
void discard_unsent_on_close(int fd);

} // namespace dispatch::io
