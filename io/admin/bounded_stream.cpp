#include "io/admin/bounded_stream.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace dispatch::admin {

using std::chrono::steady_clock;

bounded_stream::bounded_stream(int fd, io::host_port peer, std::string head, std::chrono::milliseconds write_timeout)
  : fd_(fd),
    peer_(std::move(peer)),
    head_(std::move(head)),
    write_timeout_(write_timeout) {}

bool bounded_stream::is_writable() const {
  ::pollfd entry{fd_, POLLRDHUP, 0};
  return ::poll(&entry, 1, 0) == 0;
}

ssize_t bounded_stream::read(char* to, std::size_t size) {
  const auto count = std::min(size, head_.size() - taken_);
  std::memcpy(to, head_.data() + taken_, count);
  taken_ += count;
  return static_cast<ssize_t>(count);
}

ssize_t bounded_stream::write(const char* from, std::size_t size) {
  const auto deadline = steady_clock::now() + write_timeout_;
  for (std::size_t written = 0; written < size;) {
    const auto count = ::send(fd_, from + written, size - written, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count > 0)
      written += static_cast<std::size_t>(count);
    else if (errno != EINTR && errno != EAGAIN)
      return -1;
    else if (!wait_for(fd_, POLLOUT, deadline))
      return -1;
  }
  return static_cast<ssize_t>(size);
}

void bounded_stream::get_remote_ip_and_port(std::string& ip, int& port) const {
  ip = peer_.host;
  port = peer_.port;
}

bool wait_for(int fd, short events, steady_clock::time_point deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - steady_clock::now());
    if (left.count() <= 0)
      return false;
    ::pollfd entry{fd, events, 0};
    const auto ready = ::poll(&entry, 1, static_cast<int>(left.count()));
    if (ready > 0)
      return true;
    if (ready < 0 && errno != EINTR)
      return false;
  }
}

} // namespace dispatch::admin
