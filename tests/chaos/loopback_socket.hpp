#pragma once

#include <cstdint>

#include "io/unique_fd.hpp"

/// @file
/// Non-blocking TCP sockets on the loopback. Functions throw `std::system_error` when the system refuses.

namespace dispatch::chaos {

/// A socket that is bound, so that nobody else gets its port, and at which nobody listens: who connects is refused.
/// @param port 0 for any; one that another of our sockets is bound to may be shared
io::unique_fd bind_socket(std::uint16_t port);

/// A socket that listens at the port, which may be that of a bound one.
io::unique_fd listen_at(std::uint16_t port);

/// Takes the next connection; none where nobody waits.
io::unique_fd accept_from(const io::unique_fd& listening);

/// Begins to connect; none where that was refused at once. Whether it has worked is known when the socket is writable,
/// from `problem_of`.
io::unique_fd connect_to(std::uint16_t port);

/// The socket's pending error, as in errno; 0 where there is none.
int problem_of(const io::unique_fd& socket);

/// Closes with a reset instead of in order.
void close_with_reset(io::unique_fd& socket);

/// Has the socket drop whatever comes to it, unheard and unanswered: to its peer, its machine has vanished. What is
/// still to be received is lost. The peer learns of it when the socket is closed.
void make_deaf(const io::unique_fd& socket);

/// Whether a failed call would only have had to wait.
bool would_block(int error) noexcept;

} // namespace dispatch::chaos
