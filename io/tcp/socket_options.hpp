#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace dispatch::io {

/// Keepalive needs a second for each of its probes, and one before the first.
constexpr std::chrono::seconds shortest_dead_peer_timeout{4};

/// The kernel takes at most 32,767 seconds between two of them.
constexpr std::chrono::seconds longest_dead_peer_timeout{std::chrono::hours{24}};

inline constexpr std::size_t least_unsent = std::size_t{64} << 10;

/// Bytes that may wait unsent in the kernel for each of so many connections:
///
///   clamp(4 MiB / connections, 64 KiB, most)
///
/// All together, they are to stay in the processor's caches.
constexpr std::size_t unsent_limit(std::size_t connections, std::size_t most) noexcept {
  constexpr std::size_t all = std::size_t{4} << 20;
  return std::clamp(all / std::max<std::size_t>(connections, 1), least_unsent, most);
}

/// How the kernel treats a connection.
struct socket_options {
  /// The most bytes that may wait unsent in the kernel before it takes no more, where there are few connections; at
  /// least `least_unsent`. Bounds its memory for a peer that does not read without limiting what a fast, distant peer
  /// has in flight (TCP_NOTSENT_LOWAT, tcp(7)).
  std::size_t most_unsent = least_unsent;
  /// A peer that vanished without a word is noticed after about so long: by keepalive where nothing waits for it, and
  /// else by `peer_check`. From `shortest_dead_peer_timeout` to `longest_dead_peer_timeout`.
  std::chrono::seconds dead_peer_timeout{60};
};

/// Applies what the kernel knows of `options` to a connected TCP socket, of which `least_unsent` bytes may wait unsent.
/// What the kernel does not know is left out: the connection works without.
void tune_socket(int fd, const socket_options& options);

/// Changes how many bytes may wait unsent.
void set_unsent_limit(int fd, std::size_t bytes);

/// Lets a socket that is about to be closed go in order, although no actor looks after it any more: drops what its peer
/// has sent, since a socket that is closed with unread bytes is reset, and bounds how long the kernel tries to deliver.
void prepare_unattended_close(int fd, std::chrono::milliseconds timeout);

/// Lets nothing wait for a peer any more: closing the socket will drop what is unsent.
void discard_unsent_on_close(int fd);

} // namespace dispatch::io
