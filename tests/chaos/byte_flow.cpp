#include "tests/chaos/byte_flow.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "tests/chaos/loopback_socket.hpp"

namespace dispatch::chaos {

namespace {

constexpr std::size_t piece_size = 64 * 1024;

} // namespace

bool byte_flow::has_due(time_point now, const link_manner& manner) const {
  if (manner.silent || over_)
    return false;
  if (pieces_.empty())
    return ended_;
  const auto limited = manner.bytes_per_second > 0 && now < budget_at_ + std::chrono::milliseconds{5};
  return pieces_.front().due <= now && !limited;
}

bool byte_flow::read_from(const io::unique_fd& socket, time_point now, const link_manner& manner) {
  std::string bytes(piece_size, '\0');
  const auto got = ::recv(socket.get(), bytes.data(), bytes.size(), 0);
  if (got < 0)
    return would_block(errno);
  if (got == 0) {
    ended_ = true;
    return true;
  }
  bytes.resize(static_cast<std::size_t>(got));
  damager_.pass(bytes.data(), bytes.size());
  held_bytes_ += bytes.size();
  pieces_.push_back({now + manner.delay, std::move(bytes)});
  return true;
}

bool byte_flow::write_to(const io::unique_fd& socket, time_point now, const link_manner& manner) {
  auto allowed = allowance(now, manner);
  while (!pieces_.empty() && pieces_.front().due <= now && allowed > 0) {
    auto& bytes = pieces_.front().bytes;
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), allowed));
    const auto sent = ::send(socket.get(), bytes.data(), size, MSG_NOSIGNAL);
    if (sent < 0)
      return would_block(errno);
    const auto given = static_cast<std::size_t>(sent);
    passed_ += given;
    held_bytes_ -= given;
    allowed -= given;
    budget_ -= std::min<std::uint64_t>(budget_, given);
    if (given == bytes.size())
      pieces_.pop_front();
    else
      bytes.erase(0, given);
  }
  return pass_end(socket);
}

bool byte_flow::pass_end(const io::unique_fd& socket) {
  if (!ended_ || over_ || !pieces_.empty())
    return true;
  over_ = true;
  return ::shutdown(socket.get(), SHUT_WR) == 0;
}

std::uint64_t byte_flow::allowance(time_point now, const link_manner& manner) {
  const auto until_stop = stop_at_ - std::min(stop_at_, passed_);
  if (manner.bytes_per_second == 0)
    return until_stop;
  // What a silent link has not used is not saved for later.
  const auto waited = std::chrono::duration_cast<std::chrono::milliseconds>(now - budget_at_).count();
  const auto most = std::max<std::uint64_t>(manner.bytes_per_second / 10, 1);
  budget_ = std::min(
    most, budget_ + manner.bytes_per_second * static_cast<std::uint64_t>(std::min<std::int64_t>(waited, 1000)) / 1000);
  budget_at_ = now;
  return std::min(budget_, until_stop);
}

} // namespace dispatch::chaos
