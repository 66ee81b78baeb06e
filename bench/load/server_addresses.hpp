#pragma once

#include <sys/socket.h>

#include <stdexcept>
#include <vector>

#include "apps/pull/endpoint.hpp"

namespace dispatch::bench {

/// A name stands for no address. `what()` is one clear line.
struct resolve_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// One address that a server's name stands for.
struct server_address {
  ::sockaddr_storage bytes{};
  ::socklen_t size = 0;
};

/// All addresses that the name stands for, in the system's order; at least one. Looked up once for all clients.
std::vector<server_address> resolve(const pull::endpoint& server);

} // namespace dispatch::bench
