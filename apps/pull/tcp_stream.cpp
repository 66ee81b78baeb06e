#include "apps/pull/tcp_stream.hpp"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <memory>
#include <optional>

namespace dispatch::pull {

namespace {

using clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

struct free_addresses {
  void operator()(addrinfo* x) const { ::freeaddrinfo(x); }
};

enum class wake { ready, stopped, timeout };

// Waits until fd (when it is not -1) is ready for events, or the stop descriptor is readable.
wake wait_for(int fd, short events, int stop_fd, std::chrono::nanoseconds timeout) {
  auto deadline = clock::now() + timeout;
  for (;;) {
    auto left = std::chrono::ceil<milliseconds>(deadline - clock::now()).count();
    auto timeout = static_cast<int>(std::clamp<long long>(left, 0, INT_MAX));
    pollfd entries[] = {{stop_fd, POLLIN, 0}, {fd, events, 0}};
    auto found = ::poll(entries, 2, timeout);
    if (entries[0].revents != 0 && found > 0)
      return wake::stopped;
    if (found > 0)
      return wake::ready;
    if (found == 0 && clock::now() >= deadline)
      return wake::timeout;
  }
}

// Tries one address. Returns the socket, or sets `reason` to why not.
io::unique_fd try_address(const addrinfo& address, milliseconds timeout, int stop_fd, std::string& reason) {
  io::unique_fd fd{
    ::socket(address.ai_family, address.ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, address.ai_protocol)};
  if (!fd) {
    reason = std::strerror(errno);
    return {};
  }
  if (::connect(fd.get(), address.ai_addr, address.ai_addrlen) == 0)
    return fd;
  auto error = errno;
  if (error == EINPROGRESS) {
    switch (wait_for(fd.get(), POLLOUT, stop_fd, timeout)) {
    case wake::stopped:
      reason = "interrupted";
      return {};
    case wake::timeout:
      reason = "no answer within " + std::to_string(timeout.count()) + " ms";
      return {};
    case wake::ready:
      break;
    }
    socklen_t size = sizeof(error);
    ::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  }
  if (error == 0)
    return fd;
  reason = std::strerror(error);
  return {};
}

io::unique_fd try_once(const endpoint& where, milliseconds timeout, int stop_fd, std::string& reason) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  auto error = ::getaddrinfo(where.host.c_str(), std::to_string(where.port).c_str(), &hints, &list);
  if (error != 0) {
    reason = error == EAI_SYSTEM ? std::strerror(errno) : ::gai_strerror(error);
    return {};
  }
  std::unique_ptr<addrinfo, free_addresses> addresses{list};
  for (auto address = list; address != nullptr; address = address->ai_next)
    if (auto fd = try_address(*address, timeout, stop_fd, reason))
      return fd;
  return {};
}

} // namespace

bool pause_for(milliseconds duration, int stop_fd) {
  return wait_for(-1, 0, stop_fd, duration) != wake::stopped;
}

tcp_stream tcp_stream::connect(const endpoint& where, connect_timeouts timeouts,
                               const std::function<void(const std::string&)>& on_wait, int stop_fd) {
  constexpr milliseconds between_attempts{200};
  auto give_up = clock::now() + timeouts.wait;
  auto told = false;
  for (;;) {
    std::string reason;
    if (auto fd = try_once(where, timeouts.connect, stop_fd, reason))
      return tcp_stream{std::move(fd), stop_fd};
    reason = "cannot connect to " + io::to_string(where) + ": " + reason;
    auto left = std::chrono::ceil<milliseconds>(give_up - clock::now());
    if (left <= milliseconds{0})
      throw connect_error{reason};
    if (!told)
      on_wait(reason);
    told = true;
    if (!pause_for(std::min(left, between_attempts), stop_fd))
      throw connect_error{reason};
  }
}

void tcp_stream::send(std::string_view bytes) {
  static_cast<void>(::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
}

tcp_stream::read_result tcp_stream::read(char* data, std::size_t size, std::chrono::nanoseconds timeout) {
  for (;;) {
    switch (wait_for(fd_.get(), POLLIN, stop_fd_, timeout)) {
    case wake::stopped:
      return {event::stopped, 0, {}};
    case wake::timeout:
      return {event::timeout, 0, {}};
    case wake::ready:
      break;
    }
    auto count = ::recv(fd_.get(), data, size, 0);
    if (count > 0)
      return {event::data, static_cast<std::size_t>(count), {}};
    if (count == 0)
      return {event::closed, 0, {}};
    if (errno != EAGAIN && errno != EINTR)
      return {event::broken, 0, std::strerror(errno)};
  }
}

} // namespace dispatch::pull
