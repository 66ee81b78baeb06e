#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace dispatch::io {

/// Keepalive needs a second for each of its probes, and one before the first.
constexpr std::chrono::seconds shortest_dead_peer_timeout{4};

/// The kernel takes at most 32,767 seconds between two of them.
constexpr std::chrono::seconds longest_dead_peer_timeout{std::chrono::hours{24}};

/// Bytes that may always wait unsent: enough for a connection to be sent to without pauses.
inline constexpr std::size_t least_unsent = std::size_t{64} << 10;

/// How many bytes may wait unsent in the kernel for each of so many connections, before it takes no more:
///
///   clamp(4 MiB / connections, least_unsent, most)
///
/// The bytes of all connections together fit into the processor's caches. The limit bounds the kernel's memory for a
/// peer that does not read, and not what a fast, distant peer has in flight (TCP_NOTSENT_LOWAT, tcp(7)).
constexpr std::size_t unsent_limit(std::size_t connections, std::size_t most) noexcept {
  constexpr std::size_t all = std::size_t{4} << 20;
  return std::clamp(all / std::max<std::size_t>(connections, 1), least_unsent, most);
}

/// How the kernel treats a connection.
struct socket_options {
  /// A peer that vanished without a word is noticed after about so long: by keepalive where nothing waits for it, and
  /// else by `peer_check`. From `shortest_dead_peer_timeout` to `longest_dead_peer_timeout`.
  std::chrono::seconds dead_peer_timeout{60};
};

/// Applies `options` to a connected TCP socket, and lets `least_unsent` bytes wait unsent. An option that the kernel
/// does not know is left out: the connection works without it.
void tune_socket(int fd, const socket_options& options);

/// Changes how many bytes may wait unsent in the kernel.
void set_unsent_limit(int fd, std::size_t bytes);

/// Lets a socket that is about to be closed go in order, although no actor looks after it any more: drops what its peer
/// has sent, since a socket that is closed with unread bytes is reset, and bounds how long the kernel tries to deliver.
void prepare_unattended_close(int fd, std::chrono::milliseconds timeout);

/// Lets nothing wait for a peer any more: closing the socket will drop what is unsent.
void discard_unsent_on_close(int fd);

} // namespace dispatch::io
