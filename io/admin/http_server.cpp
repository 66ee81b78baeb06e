#include "io/admin/http_server.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>

#include "io/admin/bounded_stream.hpp"
#include "io/admin/request_head.hpp"
#include "io/tcp/socket_options.hpp"

namespace dispatch::admin {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// Of the threads here: watching gives way to what is watched.
constexpr int niceness = 10;

/// What the kernel may hold for a peer that does not read.
constexpr int send_buffer = 256 * 1024;

/// For how long nobody is accepted after there was no descriptor or no memory for it.
constexpr milliseconds shortage_pause{100};

/// How much of what a peer sends behind its request is thrown away before it is cut off.
constexpr std::size_t most_discarded = 1 << 20;

/// An answer that needs no handler.
std::string plain_answer(std::string_view status, std::string_view why) {
  const auto body = std::string{why} + "\n";
  return "HTTP/1.1 " + std::string{status} + "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: "
         + std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n" + body;
}

/// The head of a request, or the answer to one that has none; empty where the peer has left.
struct received_head {
  bool complete = false;
  std::string text;
};

received_head read_head(int fd, const http_limits& limits) {
  const auto deadline = steady_clock::now() + limits.head_timeout;
  std::string received;
  std::array<char, 4096> piece;
  while (wait_for(fd, POLLIN, deadline)) {
    const auto count = ::recv(fd, piece.data(), piece.size(), MSG_DONTWAIT);
    if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR))
      return {};
    if (count < 0)
      continue;
    const auto before = received.size();
    received.append(piece.data(), static_cast<std::size_t>(count));
    const auto end = end_of_head(received, before);
    if (std::min(end, received.size()) > limits.max_head_bytes)
      return {false,
              plain_answer("431 Request Header Fields Too Large",
                           "the head of a request may have " + std::to_string(limits.max_head_bytes) + " bytes")};
    if (end != std::string::npos)
      return {true, received.substr(0, end)};
  }
  return {false, plain_answer("408 Request Timeout", "the head of the request did not come in time")};
}

/// Ends a connection such that the peer gets all that was written: a close alone would make TCP take it back where the
/// peer has sent more than was read.
void close_in_order(int fd, milliseconds linger) {
  ::shutdown(fd, SHUT_WR);
  const auto deadline = steady_clock::now() + linger;
  std::array<char, 4096> piece;
  for (std::size_t discarded = 0; discarded < most_discarded && wait_for(fd, POLLIN, deadline);) {
    const auto count = ::recv(fd, piece.data(), piece.size(), MSG_DONTWAIT);
    if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR))
      return;
    discarded += count > 0 ? static_cast<std::size_t>(count) : 0;
  }
}

} // namespace

http_server::http_server(io::listen_socket socket, http_limits limits)
  : socket_(std::move(socket)),
    limits_(limits),
    wake_fd_(::eventfd(0, EFD_CLOEXEC)) {
  if (!wake_fd_)
    throw std::system_error(errno, std::generic_category(), "eventfd");
}

http_server::~http_server() {
  stop();
}

void http_server::start() {
  acceptor_ = std::thread{[this] { accept_all(); }};
}

void http_server::stop() {
  if (!acceptor_.joinable())
    return;
  ::eventfd_write(wake_fd_.get(), 1);
  acceptor_.join();
  {
    std::unique_lock guard{mutex_};
    const auto all_ended = [this] {
      return std::all_of(connections_.begin(), connections_.end(), [](const auto& peer) { return !peer.fd; });
    };
    ended_.wait_for(guard, limits_.stop_grace, all_ended);
    for (const auto& peer : connections_)
      if (peer.fd)
        ::shutdown(peer.fd.get(), SHUT_RDWR);
  }
  // Nobody adds to the list any more.
  for (auto& peer : connections_)
    peer.thread.join();
  connections_.clear();
}

void http_server::accept_all() {
  // Of this thread alone, on Linux, and of those that it starts.
  ::setpriority(PRIO_PROCESS, 0, niceness);
  for (;;) {
    std::array<::pollfd, 2> entries{::pollfd{wake_fd_.get(), POLLIN, 0}, ::pollfd{socket_.fd.get(), POLLIN, 0}};
    if (::poll(entries.data(), entries.size(), -1) < 0 && errno != EINTR)
      return;
    if (entries[0].revents != 0)
      return;
    if (entries[1].revents != 0)
      accept_one();
  }
}

void http_server::accept_one() {
  auto accepted = io::accept_connection(socket_.fd.get());
  if (const auto* problem = std::get_if<std::error_code>(&accepted)) {
    if (io::is_shortage(*problem))
      wait_for(wake_fd_.get(), POLLIN, steady_clock::now() + shortage_pause);
    return;
  }
  auto& [fd, address] = std::get<io::accepted_socket>(accepted);
  ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof send_buffer);
  reap();
  const std::lock_guard guard{mutex_};
  if (connections_.size() < limits_.max_connections) {
    auto& peer = connections_.emplace_back();
    peer.fd = std::move(fd);
    try {
      peer.thread = std::thread{[this, &peer, address = address] { serve(peer, address); }};
      return;
    } catch (const std::system_error&) {
      // No more threads: as with no more connections.
      fd = std::move(peer.fd);
      connections_.pop_back();
    }
  }
  const auto busy = plain_answer("503 Service Unavailable", "too many connections");
  static_cast<void>(::send(fd.get(), busy.data(), busy.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
  io::prepare_unattended_close(fd.get(), limits_.linger);
}

void http_server::reap() {
  std::list<connection> ended;
  {
    const std::lock_guard guard{mutex_};
    for (auto i = connections_.begin(); i != connections_.end();) {
      const auto current = i++;
      if (!current->fd)
        ended.splice(ended.end(), connections_, current);
    }
  }
  for (auto& peer : ended)
    peer.thread.join();
}

void http_server::serve(connection& peer, const io::host_port& address) {
  // The accepting thread holds the lock until this one is known to the list.
  const auto fd = [&] {
    const std::lock_guard guard{mutex_};
    return peer.fd.get();
  }();
  answer(fd, address);
  close_in_order(fd, limits_.linger);
  const std::lock_guard guard{mutex_};
  peer.fd = io::unique_fd{};
  ended_.notify_all();
}

void http_server::answer(int fd, const io::host_port& address) {
  auto head = read_head(fd, limits_);
  bounded_stream stream{fd, address, head.complete ? essential_head(head.text) : std::string{}, limits_.write_timeout};
  auto closed = false;
  if (head.complete)
    routes_.process_request(stream, true, closed, nullptr);
  else
    stream.write(head.text.data(), head.text.size());
}

} // namespace dispatch::admin
