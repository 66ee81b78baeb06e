#include "io/socket_port.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace dispatch::io {

std::uint16_t port_of(int fd) {
  ::sockaddr_storage bound{};
  ::socklen_t size = sizeof bound;
  if (::getsockname(fd, reinterpret_cast<::sockaddr*>(&bound), &size) != 0)
    return 0;
  return ntohs(bound.ss_family == AF_INET6 ? reinterpret_cast<const ::sockaddr_in6&>(bound).sin6_port
                                           : reinterpret_cast<const ::sockaddr_in&>(bound).sin_port);
}

} // namespace dispatch::io
