#pragma once

#include <optional>

#include "io/tcp/peer_check.hpp"

namespace dispatch::io {

/// Asks the kernel about the peer of a TCP socket; nothing where it does not answer.
std::optional<peer_sample> sample_peer(int fd);

} // namespace dispatch::io
