#include "bench/floor/floor_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <variant>

#include "io/host_port.hpp"
#include "io/tcp/listen_socket.hpp"
#include "wire/classic_codec.hpp"

namespace dispatch::bench {

namespace {

/// Bytes that one client gets in its turn, at most.
constexpr std::size_t turn = 512 * 1024;

floor_connection::tails classic_tails(const ::sockaddr_storage& peer) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const auto v6 = peer.ss_family == AF_INET6;
  const auto& as_v6 = reinterpret_cast<const ::sockaddr_in6&>(peer);
  const auto& as_v4 = reinterpret_cast<const ::sockaddr_in&>(peer);
  const auto* address = v6 ? static_cast<const void*>(&as_v6.sin6_addr) : &as_v4.sin_addr;
  ::inet_ntop(peer.ss_family, address, text.data(), text.size());
  const auto id = client_id_of(io::to_string({text.data(), ntohs(v6 ? as_v6.sin6_port : as_v4.sin_port)}));
  return {encode_classic_tail(id, false), encode_classic_tail(id, true)};
}

} // namespace

floor_server::floor_server(const floor_options& options, std::vector<ready_frame> frames)
  : frames_(std::move(frames)),
    is_session_(options.is_session),
    unsent_limit_(options.unsent_limit) {
  auto opened = io::open_listen_socket(options.listen);
  if (const auto* problem = std::get_if<std::string>(&opened))
    throw std::runtime_error{*problem};
  auto& socket = std::get<io::listen_socket>(opened);
  listening_ = std::move(socket.fd);
  port_ = socket.port;
  epoll_ = io::unique_fd{::epoll_create1(EPOLL_CLOEXEC)};
  watch(listening_.get(), EPOLLIN, EPOLL_CTL_ADD);
}

void floor_server::watch(int fd, std::uint32_t events, int operation) {
  ::epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  if (::epoll_ctl(epoll_.get(), operation, fd, &event) != 0)
    throw std::system_error{errno, std::generic_category(), "epoll_ctl"};
}

void floor_server::serve(int stop_fd) {
  watch(stop_fd, EPOLLIN, EPOLL_CTL_ADD);
  std::array<::epoll_event, 256> events;
  for (;;) {
    const auto count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < count; ++i) {
      const auto& event = events[static_cast<std::size_t>(i)];
      if (event.data.fd == stop_fd)
        return;
      if (event.data.fd == listening_.get())
        accept_all();
      else
        on_ready(event.data.fd);
    }
  }
}

void floor_server::accept_all() {
  for (;;) {
    ::sockaddr_storage peer{};
    ::socklen_t size = sizeof peer;
    io::unique_fd fd{
      ::accept4(listening_.get(), reinterpret_cast<::sockaddr*>(&peer), &size, SOCK_NONBLOCK | SOCK_CLOEXEC)};
    if (!fd)
      return;
    io::tune_socket(fd.get(), {});
    io::set_unsent_limit(fd.get(), unsent_limit_);
    const auto number = fd.get();
    using state = floor_connection::state;
    const auto begin = is_session_ ? state::greeting : state::sending;
    auto tails = is_session_ ? floor_connection::tails{} : classic_tails(peer);
    connections_.try_emplace(number, served{{std::move(fd), std::move(tails), frames_}, begin});
    watch(number, is_session_ ? EPOLLIN : EPOLLOUT, EPOLL_CTL_ADD);
  }
}

void floor_server::on_ready(int fd) {
  using state = floor_connection::state;
  auto& [connection, now] = connections_.at(fd);
  const auto before = std::exchange(now, step(connection, now));
  if (now == state::over)
    connections_.erase(fd);
  else if (now != before)
    watch(fd, now == state::sending ? EPOLLOUT : EPOLLIN, EPOLL_CTL_MOD);
}

floor_connection::state floor_server::step(floor_connection& connection, floor_connection::state now) {
  switch (now) {
  case floor_connection::state::greeting:
    return connection.greet();
  case floor_connection::state::sending:
    return connection.send(turn);
  default:
    return connection.drain();
  }
}

} // namespace dispatch::bench
