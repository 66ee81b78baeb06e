#include "bench/floor/floor_connection.hpp"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

namespace dispatch::bench {

namespace {

/// Frames that the kernel is offered in one call.
constexpr std::size_t frames_at_once = 4;

::iovec piece(std::string_view bytes) {
  return {const_cast<char*>(bytes.data()), bytes.size()};
}

} // namespace

floor_connection::floor_connection(io::unique_fd fd, tails own, const std::vector<ready_frame>& frames)
  : fd_(std::move(fd)),
    frames_(frames),
    tails_(std::move(own)) {}

floor_connection::state floor_connection::greet() {
  std::array<char, 4096> bytes;
  const auto got = ::recv(fd_.get(), bytes.data(), bytes.size(), 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR))
    return state::greeting;
  if (got <= 0)
    return state::over;
  const auto ends = std::string_view{bytes.data(), static_cast<std::size_t>(got)}.find('\n') != std::string_view::npos;
  return ends ? state::sending : state::greeting;
}

floor_connection::state floor_connection::send(std::size_t most) {
  for (std::size_t sent = 0; next_ < frames_.size() && sent < most;) {
    const auto bytes = send_some();
    if (bytes < 0)
      return errno == EAGAIN || errno == EINTR ? state::sending : state::over;
    sent += static_cast<std::size_t>(bytes);
    advance(static_cast<std::size_t>(bytes));
  }
  if (next_ < frames_.size())
    return state::sending;
  ::shutdown(fd_.get(), SHUT_WR);
  return state::draining;
}

long floor_connection::send_some() {
  std::array<::iovec, 3 * frames_at_once> pieces;
  std::size_t count = 0;
  auto skip = taken_;
  const auto add = [&](std::string_view bytes) {
    const auto begin = std::min(skip, bytes.size());
    skip -= begin;
    if (begin < bytes.size())
      pieces[count++] = piece(bytes.substr(begin));
  };
  const auto end = std::min(frames_.size(), next_ + frames_at_once);
  for (auto i = next_; i < end; ++i) {
    add(frames_[i].head.view());
    add(frames_[i].body.view());
    add(tail_of(i));
  }
  ::msghdr message{};
  message.msg_iov = pieces.data();
  message.msg_iovlen = count;
  return ::sendmsg(fd_.get(), &message, MSG_NOSIGNAL);
}

void floor_connection::advance(std::size_t bytes) {
  taken_ += bytes;
  while (next_ < frames_.size()) {
    const auto size = frames_[next_].head.size() + frames_[next_].body.size() + tail_of(next_).size();
    if (taken_ < size)
      return;
    taken_ -= size;
    ++next_;
  }
}

floor_connection::state floor_connection::drain() {
  std::array<char, 4096> ignored;
  const auto got = ::recv(fd_.get(), ignored.data(), ignored.size(), 0);
  const auto open = got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
  return open ? state::draining : state::over;
}

} // namespace dispatch::bench
