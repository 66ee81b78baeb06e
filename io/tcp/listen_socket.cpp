#include "io/tcp/listen_socket.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>

#include "io/socket_port.hpp"

namespace dispatch::io {

namespace {

struct freeaddrinfo_call {
  void operator()(::addrinfo* list) const noexcept { ::freeaddrinfo(list); }
};

using address_list = std::unique_ptr<::addrinfo, freeaddrinfo_call>;

std::variant<address_list, std::string> resolve(const host_port& address) {
  ::addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  ::addrinfo* found = nullptr;
  const auto* host = address.host.empty() ? nullptr : address.host.c_str();
  const auto problem = ::getaddrinfo(host, std::to_string(address.port).c_str(), &hints, &found);
  if (problem != 0)
    return std::string{"cannot resolve '"} + address.host + "': " + ::gai_strerror(problem);
  return address_list{found};
}

/// @returns a socket, or none and what is wrong in errno
unique_fd bind_and_listen(const ::addrinfo& candidate) {
  unique_fd socket{::socket(candidate.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (!socket)
    return socket;
  const auto fd = socket.get();
  const int on = 1;
  const int off = 0;
  // A restart must not wait for the connections of the last run to leave TIME_WAIT.
  static_cast<void>(::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on));
  if (candidate.ai_family == AF_INET6)
    static_cast<void>(::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off));
  if (::bind(fd, candidate.ai_addr, candidate.ai_addrlen) == 0 && ::listen(fd, SOMAXCONN) == 0)
    return socket;
  const auto problem = errno;
  socket = unique_fd{};
  errno = problem;
  return socket;
}

host_port host_port_of(const ::sockaddr_storage& address) {
  const auto is_v6 = address.ss_family == AF_INET6;
  const auto& v6 = reinterpret_cast<const ::sockaddr_in6&>(address);
  const auto& v4 = reinterpret_cast<const ::sockaddr_in&>(address);
  const void* host = is_v6 ? static_cast<const void*>(&v6.sin6_addr) : &v4.sin_addr;
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(address.ss_family, host, text.data(), text.size());
  return {text.data(), ntohs(is_v6 ? v6.sin6_port : v4.sin_port)};
}

} // namespace

std::variant<listen_socket, std::string> open_listen_socket(const host_port& address) {
  auto resolved = resolve(address);
  if (auto* problem = std::get_if<std::string>(&resolved))
    return *problem;
  const auto& list = std::get<address_list>(resolved);
  auto problem = 0;
  // For all addresses, a v6 socket takes v4 as well; without v6 on this machine, v4 alone will do.
  for (const auto wanted_family : {AF_INET6, AF_INET}) {
    for (const auto* candidate = list.get(); candidate != nullptr; candidate = candidate->ai_next) {
      if (candidate->ai_family != wanted_family)
        continue;
      if (auto socket = bind_and_listen(*candidate)) {
        const auto port = port_of(socket.get());
        return listen_socket{std::move(socket), port};
      }
      if (problem != EADDRINUSE)
        problem = errno;
    }
    // The port is taken: falling back to another family would serve half of the machine's addresses.
    if (problem == EADDRINUSE)
      break;
  }
  return "cannot listen on " + to_string(address) + ": " + std::generic_category().message(problem);
}

bool is_loopback(int fd) {
  ::sockaddr_storage bound{};
  ::socklen_t size = sizeof bound;
  if (::getsockname(fd, reinterpret_cast<::sockaddr*>(&bound), &size) != 0)
    return false;
  if (bound.ss_family == AF_INET)
    return (ntohl(reinterpret_cast<const ::sockaddr_in&>(bound).sin_addr.s_addr) >> 24) == IN_LOOPBACKNET;
  const auto& v6 = reinterpret_cast<const ::sockaddr_in6&>(bound).sin6_addr;
  return bound.ss_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&v6);
}

std::variant<accepted_socket, std::error_code> accept_connection(int listening_fd) {
  ::sockaddr_storage peer{};
  ::socklen_t size = sizeof peer;
  unique_fd fd{::accept4(listening_fd, reinterpret_cast<::sockaddr*>(&peer), &size, SOCK_CLOEXEC | SOCK_NONBLOCK)};
  if (!fd)
    return std::error_code{errno, std::generic_category()};
  return accepted_socket{std::move(fd), host_port_of(peer)};
}

bool is_shortage(std::error_code problem) noexcept {
  return problem == std::errc::too_many_files_open || problem == std::errc::too_many_files_open_in_system
         || problem == std::errc::no_buffer_space || problem == std::errc::not_enough_memory;
}

} // namespace dispatch::io
