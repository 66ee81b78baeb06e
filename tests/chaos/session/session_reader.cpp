#include "tests/chaos/session/session_reader.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "tests/chaos/loopback_socket.hpp"

namespace dispatch::chaos {

namespace {

constexpr std::uint64_t bytes_between_pings = 50'000;

} // namespace

session_reader::session_reader(std::uint16_t port, const known_samples& known, const session_wish& wish, time_point now)
  : plan_(wish.stint->readers[static_cast<std::size_t>(wish.rank)]),
    socket_(connect_to(port)),
    judge_(known, wish),
    came_at_(now),
    served_at_(now) {
  if (plan_.kind != reader_kind::no_hello)
    to_send_ = hello_of(wish);
  if (!socket_)
    on_end("the connection was refused");
}

void session_reader::watch(poll_set& set, time_point now) {
  const int in = connected_ && room(now) > 0 ? POLLIN : 0;
  const int out = !connected_ || !to_send_.empty() ? POLLOUT : 0;
  if (connected_ && in == 0)
    served_at_ = now;
  slot_ = in != 0 || out != 0 ? set.watch(socket_.get(), static_cast<short>(in | out)) : poll_set::none;
}

void session_reader::serve(const poll_set& set, time_point now, std::vector<char>& buffer) {
  if (!connected_)
    on_connected(set);
  if (!over() && connected_ && room(now) > 0 && set.happened(slot_, POLLIN))
    read(now, buffer);
  if (!over() && connected_ && !to_send_.empty() && set.happened(slot_, POLLOUT))
    send();
  if (!over() && connected_)
    act_if_due(now);
}

void session_reader::on_connected(const poll_set& set) {
  if (!set.happened(slot_, POLLOUT))
    return;
  if (const auto error = problem_of(socket_); error != 0)
    return on_end(std::string{"could not connect: "} + std::strerror(error));
  connected_ = true;
}

std::uint64_t session_reader::room(time_point now) const {
  if (plan_.stops_for.count() > 0 && received_ >= plan_.stops_at
      && (!stopped_at_ || now < *stopped_at_ + plan_.stops_for))
    return 0;
  auto result = plan_.read_bytes;
  if (plan_.acts_at && !acted_)
    result = std::min(result, *plan_.acts_at - received_);
  if (plan_.bytes_per_second > 0) {
    const auto ms = std::chrono::duration_cast<milliseconds>(now - came_at_).count();
    const auto so_far = plan_.bytes_per_second * static_cast<std::uint64_t>(ms) / 1000;
    const auto at_once = std::max<std::uint64_t>(plan_.bytes_per_second / 10, 1);
    result = std::min({result, at_once, so_far - std::min(so_far, received_)});
  }
  return result;
}

void session_reader::send() {
  const auto sent = ::send(socket_.get(), to_send_.data(), to_send_.size(), MSG_NOSIGNAL);
  // A failure to send is no failure of the session: that says itself how it ends.
  if (sent < 0 && would_block(errno))
    return;
  to_send_.erase(0, sent < 0 ? to_send_.size() : static_cast<std::size_t>(sent));
  if (to_send_.empty() && plan_.kind == reader_kind::half_closes)
    ::shutdown(socket_.get(), SHUT_WR);
}

void session_reader::read(time_point now, std::vector<char>& buffer) {
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(room(now), buffer.size()));
  const auto got = ::recv(socket_.get(), buffer.data(), size, 0);
  if (got < 0 && would_block(errno))
    return;
  if (got <= 0)
    return on_end(got == 0 ? "the connection was closed" : std::strerror(errno));
  received_ += static_cast<std::uint64_t>(got);
  judge_.take({buffer.data(), static_cast<std::size_t>(got)});
  if (judge_.messages() != std::exchange(messages_, judge_.messages()))
    served_at_ = now;
  if (judge_.problem())
    fail(*judge_.problem());
  else if (judge_.enough())
    end(ending::enough);
}

void session_reader::on_end(const std::string& how) {
  const auto in_order = how == "the connection was closed" && judge_.pending() == 0;
  if (in_order && judge_.complete())
    end(ending::complete);
  else if (in_order && judge_.is_over())
    end(ending::refused);
  else if (in_order && acted_ && plan_.kind == reader_kind::says_bye)
    end(ending::left);
  else if (may_be_cut_)
    end(ending::cut);
  else
    fail(how + " behind " + std::to_string(received_) + " bytes, at epoch " + std::to_string(judge_.place().epoch)
         + ", position " + std::to_string(judge_.place().position) + ", with " + std::to_string(judge_.pending())
         + " bytes of a message");
}

void session_reader::act_if_due(time_point now) {
  if (plan_.stops_for.count() > 0 && received_ >= plan_.stops_at && !stopped_at_)
    stopped_at_ = now;
  if (plan_.kind == reader_kind::pings && received_ >= next_ping_at_) {
    next_ping_at_ = received_ + bytes_between_pings;
    to_send_ += "{\"type\":\"ping\"}\n";
    judge_.expect_pongs(1);
  }
  if (plan_.leaves_after && now >= came_at_ + *plan_.leaves_after)
    return leave();
  // The hello goes first.
  if (plan_.acts_at && !acted_ && received_ >= *plan_.acts_at && to_send_.empty())
    act();
}

void session_reader::act() {
  acted_ = true;
  switch (plan_.kind) {
  case reader_kind::says_bye:
    to_send_ += "{\"type\":\"bye\"}\n";
    return;
  case reader_kind::babbles:
  case reader_kind::no_hello:
    judge_.allow_error();
    to_send_ += plan_.rubbish;
    return;
  default:
    return leave();
  }
}

void session_reader::leave() {
  if (plan_.with_reset && socket_)
    close_with_reset(socket_);
  end(ending::left);
}

void session_reader::end(ending how) {
  ending_ = how;
  socket_ = io::unique_fd{};
}

void session_reader::fail(std::string why) {
  problem_ = std::move(why);
  end(ending::wrong);
}

} // namespace dispatch::chaos
