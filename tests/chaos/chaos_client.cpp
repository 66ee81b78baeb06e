#include "tests/chaos/chaos_client.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "io/socket_port.hpp"
#include "tests/chaos/loopback_socket.hpp"

namespace dispatch::chaos {

namespace {

std::string id_of(const io::unique_fd& socket) {
  return socket ? "client_127.0.0.1:" + std::to_string(io::port_of(socket.get())) : std::string{};
}

} // namespace

chaos_client::chaos_client(const client_plan& plan, std::uint16_t port, const expected_pass& expected, time_point now)
  : plan_(plan),
    socket_(connect_to(port)),
    judge_(expected, id_of(socket_)),
    came_at_(now),
    served_at_(now) {
  if (!socket_)
    fail("the dispatcher refused the connection");
}

void chaos_client::watch(poll_set& set, time_point now) {
  const int in = connected_ && room(now) > 0 ? POLLIN : 0;
  const int out = !connected_ || sent_ < plan_.sends_bytes ? POLLOUT : 0;
  if (in == 0)
    served_at_ = now;
  slot_ = in != 0 || out != 0 ? set.watch(socket_.get(), static_cast<short>(in | out)) : poll_set::none;
}

void chaos_client::serve(const poll_set& set, time_point now, std::vector<char>& buffer) {
  if (!connected_)
    on_connected(set);
  if (!connected_ || over())
    return;
  if (room(now) > 0 && set.happened(slot_, POLLIN))
    read(now, buffer);
  if (!over() && sent_ < plan_.sends_bytes && set.happened(slot_, POLLOUT))
    send();
  if (!over())
    leave_if_due(now);
}

void chaos_client::on_connected(const poll_set& set) {
  if (!set.happened(slot_, POLLOUT))
    return;
  if (const auto error = problem_of(socket_); error != 0)
    return fail(std::string{"could not connect: "} + std::strerror(error));
  connected_ = true;
  if (plan_.half_closes)
    ::shutdown(socket_.get(), SHUT_WR);
}

std::uint64_t chaos_client::room(time_point now) const {
  if (plan_.stops_for.count() > 0 && received_ >= plan_.stops_at
      && (!stopped_at_ || now < *stopped_at_ + plan_.stops_for))
    return 0;
  auto result = plan_.read_bytes;
  if (plan_.leaves_at)
    result = std::min(result, *plan_.leaves_at - received_);
  if (plan_.bytes_per_second > 0) {
    const auto ms = std::chrono::duration_cast<milliseconds>(now - came_at_).count();
    const auto so_far = plan_.bytes_per_second * static_cast<std::uint64_t>(ms) / 1000;
    // Not more than a tenth of a second at a time, so that it stays slow when it had to wait.
    const auto at_once = std::max<std::uint64_t>(plan_.bytes_per_second / 10, 1);
    result = std::min({result, at_once, so_far - std::min(so_far, received_)});
  }
  return result;
}

void chaos_client::leave_if_due(time_point now) {
  if (plan_.stops_for.count() > 0 && received_ >= plan_.stops_at && !stopped_at_)
    stopped_at_ = now;
  const auto has_enough = plan_.leaves_at && received_ >= *plan_.leaves_at;
  const auto has_waited = plan_.leaves_after && now >= came_at_ + *plan_.leaves_after;
  if (has_enough || has_waited)
    leave();
}

void chaos_client::read(time_point now, std::vector<char>& buffer) {
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(room(now), buffer.size()));
  const auto got = ::recv(socket_.get(), buffer.data(), size, 0);
  if (got < 0 && would_block(errno))
    return;
  served_at_ = now;
  if (got < 0)
    return fail("behind " + std::to_string(received_) + " bytes: " + std::strerror(errno));
  if (got == 0)
    return end_of_stream();
  received_ += static_cast<std::uint64_t>(got);
  judge_.take({buffer.data(), static_cast<std::size_t>(got)});
  if (judge_.problem())
    fail(*judge_.problem());
}

void chaos_client::send() {
  static constexpr std::array<char, 16384> nothing_of_meaning{};
  const auto size =
    static_cast<std::size_t>(std::min<std::uint64_t>(plan_.sends_bytes - sent_, nothing_of_meaning.size()));
  const auto sent = ::send(socket_.get(), nothing_of_meaning.data(), size, MSG_NOSIGNAL);
  // A failure to send is no failure of the stream: that says itself how it ends.
  if (sent >= 0)
    sent_ += static_cast<std::uint64_t>(sent);
  else if (!would_block(errno))
    sent_ = plan_.sends_bytes;
}

void chaos_client::end_of_stream() {
  judge_.end_of_whole();
  problem_ = judge_.problem();
  complete_ = !problem_;
  socket_ = io::unique_fd{};
}

void chaos_client::leave() {
  judge_.end_of_part();
  problem_ = judge_.problem();
  if (plan_.with_reset)
    close_with_reset(socket_);
  else if (plan_.without_a_word)
    vanished_ = vanish();
  else
    socket_ = io::unique_fd{};
}

io::unique_fd chaos_client::vanish() {
  make_deaf(socket_);
  return std::exchange(socket_, {});
}

void chaos_client::fail(std::string why) {
  problem_ = std::move(why);
  socket_ = io::unique_fd{};
}

} // namespace dispatch::chaos
