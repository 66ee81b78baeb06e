#include "tests/chaos/fault_proxy.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

#include "io/socket_port.hpp"
#include "tests/chaos/loopback_socket.hpp"

namespace dispatch::chaos {

namespace {

constexpr std::string_view not_http2 = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";

} // namespace

fault_proxy::fault_proxy() : reserved_(bind_socket(0)), port_(io::port_of(reserved_.get())) {}

void fault_proxy::lead_to(std::uint16_t server_port) {
  server_ = server_port;
  listen();
}

void fault_proxy::lead_nowhere() {
  server_.reset();
  listen();
  reset_all();
}

void fault_proxy::begin(const fault_event& event) {
  switch (event.kind) {
  case fault_kind::delay:
    manner_.delay = event.delay;
    return;
  case fault_kind::throttle:
    manner_.bytes_per_second = event.bytes_per_second;
    return;
  case fault_kind::half_open:
    manner_.silent = true;
    greeting_ = greeting::nothing;
    return;
  case fault_kind::garbage:
    greeting_ = greeting::garbage;
    return reset_all();
  case fault_kind::refuse:
    refusing_ = true;
    listen();
    return reset_all();
  case fault_kind::cut:
  case fault_kind::reset:
    for (auto& connection : connections_)
      connection.cut_after(event.after_bytes, event.kind == fault_kind::reset);
    return;
  case fault_kind::corrupt:
    for (auto& connection : connections_)
      connection.request_damage(event.what, event.of_requests);
    return;
  case fault_kind::kill:
  case fault_kind::failing:
  case fault_kind::hanging:
  case fault_kind::lagging:
  case fault_kind::pause:
    return; // The server's.
  }
}

void fault_proxy::end() {
  manner_ = {};
  greeting_ = greeting::led_to_server;
  refusing_ = false;
  listen();
  for (auto& connection : unanswered_)
    close_with_reset(connection.socket);
  unanswered_.clear();
}

void fault_proxy::listen() {
  const auto wanted = server_ && !refusing_;
  if (!wanted)
    listening_ = io::unique_fd{};
  else if (!listening_)
    listening_ = listen_at(port_);
}

void fault_proxy::watch(poll_set& set, time_point now) {
  listening_slot_ = listening_ ? set.watch(listening_.get(), POLLIN) : poll_set::none;
  for (auto& connection : connections_)
    connection.watch(set, now, manner_);
  for (auto& connection : unanswered_)
    connection.slot = set.watch(connection.socket.get(), POLLIN);
}

void fault_proxy::serve(const poll_set& set, time_point now) {
  for (auto& connection : connections_)
    connection.serve(set, now, manner_);
  drop_over();
  drop_unanswered(set);
  if (set.happened(listening_slot_, POLLIN))
    accept_all();
}

void fault_proxy::accept_all() {
  while (listening_) {
    auto socket = accept_from(listening_);
    if (!socket)
      return;
    ++accepted_;
    if (greeting_ == greeting::led_to_server) {
      lead(std::move(socket));
      continue;
    }
    // It is so short that it always fits.
    if (greeting_ == greeting::garbage)
      ::send(socket.get(), not_http2.data(), not_http2.size(), MSG_NOSIGNAL);
    unanswered_.push_back({std::move(socket)});
  }
}

void fault_proxy::lead(io::unique_fd socket) {
  auto far = connect_to(*server_);
  if (far)
    connections_.emplace_back(std::move(socket), std::move(far));
  else
    close_with_reset(socket);
}

void fault_proxy::drop_unanswered(const poll_set& set) {
  const auto has_left = [&set](const unanswered& connection) {
    std::array<char, 4096> ignored;
    if (!set.happened(connection.slot, POLLIN))
      return false;
    const auto got = ::recv(connection.socket.get(), ignored.data(), ignored.size(), 0);
    return got == 0 || (got < 0 && !would_block(errno));
  };
  unanswered_.erase(std::remove_if(unanswered_.begin(), unanswered_.end(), has_left), unanswered_.end());
}

void fault_proxy::drop_over() {
  const auto account = [this](const proxied_connection& connection) {
    if (!connection.over())
      return false;
    passed_ += connection.passed();
    damages_ += connection.damaged() ? 1 : 0;
    return true;
  };
  connections_.erase(std::remove_if(connections_.begin(), connections_.end(), account), connections_.end());
}

void fault_proxy::reset_all() {
  for (auto& connection : connections_)
    connection.reset();
  drop_over();
}

std::uint64_t fault_proxy::passed() const {
  auto sum = passed_;
  for (const auto& connection : connections_)
    sum += connection.passed();
  return sum;
}

} // namespace dispatch::chaos
