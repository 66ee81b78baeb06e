#pragma once

#include <chrono>

namespace dispatch::io {

/// Keepalive needs a second for each of its probes, and one before the first.
constexpr std::chrono::seconds shortest_dead_peer_timeout{4};

/// The kernel takes at most 32,767 seconds between two of them.
constexpr std::chrono::seconds longest_dead_peer_timeout{std::chrono::hours{24}};

/// How the kernel treats a connection.
struct socket_options {
  /// Bytes that may wait unsent in the kernel before it takes no more; bounds its memory for a peer that does not read
  /// without limiting what a fast, distant peer has in flight (TCP_NOTSENT_LOWAT, tcp(7)).
  int unsent_limit = 131072;
  /// A peer that vanished without a word is noticed after about so long: by keepalive where nothing waits for it, and
  /// else by `peer_check`. From `shortest_dead_peer_timeout` to `longest_dead_peer_timeout`.
  std::chrono::seconds dead_peer_timeout{60};
};

/// Applies what the kernel knows of `options` to a connected TCP socket. What it does not know is left out: the
/// connection works without.
void tune_socket(int fd, const socket_options& options);

/// Lets a socket that is about to be closed go in order, although no actor looks after it any more: drops what its peer
/// has sent, since a socket that is closed with unread bytes is reset, and bounds how long the kernel tries to deliver.
void prepare_unattended_close(int fd, std::chrono::milliseconds timeout);

/// Lets nothing wait for a peer any more: closing the socket will drop what is unsent.
void discard_unsent_on_close(int fd);

} // namespace dispatch::io
