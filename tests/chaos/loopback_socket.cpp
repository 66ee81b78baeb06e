#include "tests/chaos/loopback_socket.hpp"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <system_error>

namespace dispatch::chaos {

namespace {

[[noreturn]] void throw_refused(const char* what) {
  throw std::system_error{errno, std::generic_category(), what};
}

::sockaddr_in loopback(std::uint16_t port) {
  ::sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

const ::sockaddr* generic(const ::sockaddr_in& address) {
  return reinterpret_cast<const ::sockaddr*>(&address);
}

io::unique_fd make_socket() {
  io::unique_fd result{::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (!result)
    throw_refused("socket");
  return result;
}

void enable(const io::unique_fd& socket, int level, int option) {
  const int on = 1;
  if (::setsockopt(socket.get(), level, option, &on, sizeof on) != 0)
    throw_refused("setsockopt");
}

} // namespace

io::unique_fd bind_socket(std::uint16_t port) {
  auto result = make_socket();
  enable(result, SOL_SOCKET, SO_REUSEADDR);
  enable(result, SOL_SOCKET, SO_REUSEPORT);
  const auto address = loopback(port);
  if (::bind(result.get(), generic(address), sizeof address) != 0)
    throw_refused("bind");
  return result;
}

io::unique_fd listen_at(std::uint16_t port) {
  auto result = bind_socket(port);
  if (::listen(result.get(), SOMAXCONN) != 0)
    throw_refused("listen");
  return result;
}

io::unique_fd accept_from(const io::unique_fd& listening) {
  io::unique_fd result{::accept4(listening.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)};
  if (result)
    enable(result, IPPROTO_TCP, TCP_NODELAY);
  return result;
}

io::unique_fd connect_to(std::uint16_t port) {
  auto result = make_socket();
  enable(result, IPPROTO_TCP, TCP_NODELAY);
  const auto address = loopback(port);
  if (::connect(result.get(), generic(address), sizeof address) != 0 && !would_block(errno))
    return {};
  return result;
}

int problem_of(const io::unique_fd& socket) {
  int error = 0;
  ::socklen_t size = sizeof error;
  if (::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0)
    throw_refused("getsockopt");
  return error;
}

void close_with_reset(io::unique_fd& socket) {
  const ::linger at_once{1, 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  socket = io::unique_fd{};
}

void make_deaf(const io::unique_fd& socket) {
  // Of each packet, keep nothing.
  ::sock_filter drop = BPF_STMT(BPF_RET | BPF_K, 0);
  const ::sock_fprog program{1, &drop};
  if (::setsockopt(socket.get(), SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) != 0)
    throw_refused("setsockopt");
}

bool would_block(int error) noexcept {
  return error == EAGAIN || error == EWOULDBLOCK || error == EINTR || error == EINPROGRESS;
}

} // namespace dispatch::chaos
