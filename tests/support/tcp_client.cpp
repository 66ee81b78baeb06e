#include "tests/support/tcp_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "io/socket_port.hpp"

namespace dispatch::test {

namespace {

/// A socket with a time limit says so where a signal came: whoever waits goes on. A fuzzer sends itself signals.
template <class Call>
ssize_t uninterrupted(Call call) {
  for (;;)
    if (const auto count = call(); count >= 0 || errno != EINTR)
      return count;
}

/// Whether a socket is connected now; `errno` says why not.
bool connect_to(int fd, const ::sockaddr_in& address) {
  if (::connect(fd, reinterpret_cast<const ::sockaddr*>(&address), sizeof address) == 0)
    return true;
  if (errno != EINTR)
    return false;
  // A signal came, and the kernel goes on with it (connect(2)).
  ::pollfd entry{fd, POLLOUT, 0};
  uninterrupted([&] { return ::poll(&entry, 1, -1); });
  ::socklen_t size = sizeof errno;
  return ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &errno, &size) == 0 && errno == 0;
}

[[noreturn]] void fail(const char* what) {
  throw std::system_error{errno, std::generic_category(), what};
}

::sockaddr_in loopback(std::uint16_t port) {
  ::sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

} // namespace

tcp_client::tcp_client(std::uint16_t port, int receive_buffer) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  if (fd_ < 0)
    fail("socket");
  const ::timeval limit{timeout.count(), 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  if (receive_buffer > 0)
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  const auto address = loopback(port);
  if (!connect_to(fd_, address)) {
    const auto problem = errno;
    ::close(fd_);
    errno = problem;
    fail("connect");
  }
}

tcp_client::~tcp_client() {
  if (fd_ >= 0)
    ::close(fd_);
}

tcp_client::tcp_client(tcp_client&& other) noexcept
  : fd_(std::exchange(other.fd_, -1)),
    buffer_(std::move(other.buffer_)),
    taken_(other.taken_) {}

std::uint16_t tcp_client::local_port() const {
  return io::port_of(fd_);
}

void tcp_client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = uninterrupted([&] { return ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL); });
    if (sent < 0)
      fail("send");
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void tcp_client::half_close() {
  ::shutdown(fd_, SHUT_WR);
}

void tcp_client::reset() {
  const ::linger at_once{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  ::close(std::exchange(fd_, -1));
}

std::size_t tcp_client::fill() {
  constexpr std::size_t chunk = 1 << 18;
  buffer_.erase(0, std::exchange(taken_, 0));
  const auto held = buffer_.size();
  buffer_.resize(held + chunk);
  const auto got = uninterrupted([&] { return ::recv(fd_, buffer_.data() + held, chunk, 0); });
  const auto problem = errno;
  buffer_.resize(held + (got > 0 ? static_cast<std::size_t>(got) : 0));
  if (got < 0) {
    errno = problem;
    fail("recv");
  }
  return static_cast<std::size_t>(got);
}

std::optional<std::string> tcp_client::read_line() {
  auto searched = taken_;
  for (;;) {
    const auto end = buffer_.find('\n', searched);
    if (end != std::string::npos) {
      auto line = buffer_.substr(taken_, end - taken_);
      taken_ = end + 1;
      return line;
    }
    searched = buffer_.size() - taken_;
    if (fill() == 0)
      return std::nullopt;
  }
}

std::string tcp_client::read_some(std::size_t most) {
  if (taken_ == buffer_.size()) {
    std::string bytes(most, '\0');
    const auto got = uninterrupted([&] { return ::recv(fd_, bytes.data(), most, 0); });
    if (got < 0)
      fail("recv");
    bytes.resize(static_cast<std::size_t>(got));
    return bytes;
  }
  auto bytes = buffer_.substr(taken_, most);
  taken_ += bytes.size();
  return bytes;
}

std::size_t tcp_client::send_some(std::string_view bytes) {
  const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  return sent > 0 ? static_cast<std::size_t>(sent) : 0;
}

std::string tcp_client::read_all() {
  while (fill() > 0)
    continue;
  return buffer_;
}

std::uint16_t unused_port() {
  const auto fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto address = loopback(0);
  if (fd < 0 || ::bind(fd, reinterpret_cast<const ::sockaddr*>(&address), sizeof address) != 0)
    fail("bind");
  const auto port = io::port_of(fd);
  ::close(fd);
  return port;
}

} // namespace dispatch::test
