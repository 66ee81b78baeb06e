#include "io/tls/bounded_socket.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>

#include "io/host_port.hpp"

namespace dispatch::tls {

namespace {

using clock = std::chrono::steady_clock;

struct socket_address {
  sockaddr_storage bytes{};
  socklen_t size = 0;
};

std::optional<socket_address> unix_address(const std::string& path) {
  socket_address result;
  auto& address = reinterpret_cast<sockaddr_un&>(result.bytes);
  if (path.size() > io::longest_unix_path)
    return std::nullopt;
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, path.size());
  result.size = sizeof address;
  return result;
}

std::optional<socket_address> ip_address(const std::string& text) {
  const auto parsed = io::parse_host_port(text);
  if (!parsed)
    return std::nullopt;
  socket_address result;
  auto& v4 = reinterpret_cast<sockaddr_in&>(result.bytes);
  if (::inet_pton(AF_INET, parsed->host.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(parsed->port);
    result.size = sizeof v4;
    return result;
  }
  auto& v6 = reinterpret_cast<sockaddr_in6&>(result.bytes);
  if (::inet_pton(AF_INET6, parsed->host.c_str(), &v6.sin6_addr) != 1)
    return std::nullopt;
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(parsed->port);
  result.size = sizeof v6;
  return result;
}

std::optional<socket_address> address_of(const std::string& text) {
  if (const auto path = io::parse_unix_path(text))
    return unix_address(*path);
  return ip_address(text.substr(text.find(':') + 1));
}

} // namespace

bool is_ip_address(const std::string& text) {
  in6_addr ignored{};
  return ::inet_pton(AF_INET, text.c_str(), &ignored) == 1 || ::inet_pton(AF_INET6, text.c_str(), &ignored) == 1;
}

bounded_socket::bounded_socket(const std::string& address, std::chrono::milliseconds timeout, int stop_descriptor)
  : deadline_(clock::now() + timeout),
    stop_descriptor_(stop_descriptor) {
  const auto to = address_of(address);
  if (!to)
    return;
  descriptor_ = io::unique_fd{::socket(to->bytes.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (!descriptor_)
    return;
  const auto is_done = ::connect(descriptor_.get(), reinterpret_cast<const sockaddr*>(&to->bytes), to->size) == 0;
  is_connected_ = is_done || (errno == EINPROGRESS && wait_for(POLLOUT) && has_no_error());
}

bool bounded_socket::wait_for(short events) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - clock::now()).count();
  std::array<pollfd, 2> both{pollfd{descriptor_.get(), events, 0}, pollfd{stop_descriptor_, POLLIN, 0}};
  return left > 0 && ::poll(both.data(), both.size(), static_cast<int>(left)) > 0 && both[1].revents == 0;
}

bool bounded_socket::has_no_error() const {
  auto error = 0;
  socklen_t size = sizeof error;
  return ::getsockopt(descriptor_.get(), SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
}

} // namespace dispatch::tls
