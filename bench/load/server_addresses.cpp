#include "bench/load/server_addresses.hpp"

#include <netdb.h>

#include <cstring>
#include <memory>
#include <string>

namespace dispatch::bench {

namespace {

struct free_addresses {
  void operator()(::addrinfo* list) const noexcept { ::freeaddrinfo(list); }
};

} // namespace

std::vector<server_address> resolve(const pull::endpoint& server) {
  ::addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  ::addrinfo* found = nullptr;
  const auto problem = ::getaddrinfo(server.host.c_str(), std::to_string(server.port).c_str(), &hints, &found);
  if (problem != 0)
    throw resolve_error{"cannot resolve '" + server.host + "': " + ::gai_strerror(problem)};
  const std::unique_ptr<::addrinfo, free_addresses> list{found};
  std::vector<server_address> result;
  for (const auto* entry = found; entry != nullptr; entry = entry->ai_next) {
    server_address address;
    std::memcpy(&address.bytes, entry->ai_addr, entry->ai_addrlen);
    address.size = entry->ai_addrlen;
    result.push_back(address);
  }
  return result;
}

} // namespace dispatch::bench
