#pragma once

#include <cstdint>

namespace dispatch::io {

/// The port to which a TCP socket, v4 or v6, is bound; 0 where it is to none.
std::uint16_t port_of(int fd);

} // namespace dispatch::io
