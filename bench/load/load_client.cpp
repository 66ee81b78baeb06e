#include "bench/load/load_client.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace dispatch::bench {

bool load_client::connect(const server_address& server, std::unique_ptr<stream_check> check) {
  check_ = std::move(check);
  to_say_ = how_.hello;
  said_ = 0;
  bytes_ = 0;
  frames_ = 0;
  acknowledged_ = 0;
  fd_ = io::unique_fd{::socket(server.bytes.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (!fd_)
    return false;
  connected_at_ = clock::now();
  const auto* where = reinterpret_cast<const ::sockaddr*>(&server.bytes);
  return ::connect(fd_.get(), where, server.size) == 0 || errno == EINPROGRESS;
}

std::size_t load_client::allowance(clock::time_point now, std::size_t most) const {
  if (!how_.rate)
    return most;
  const auto seconds = std::chrono::duration<double>(now - connected_at_).count();
  const auto so_far = static_cast<std::uint64_t>(seconds * static_cast<double>(*how_.rate));
  return std::min<std::uint64_t>(most, so_far - std::min(so_far, bytes_));
}

load_client::state load_client::speak() {
  const std::string_view rest = std::string_view{to_say_}.substr(said_);
  const auto sent = ::send(fd_.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
  if (sent >= 0) {
    said_ += static_cast<std::size_t>(sent);
    return state::waiting;
  }
  if (errno == EAGAIN || errno == EINTR)
    return state::waiting;
  return errno == ECONNREFUSED ? state::refused : state::lost;
}

load_client::state load_client::read(char* buffer, std::size_t size, tally& counts) {
  const auto got = ::recv(fd_.get(), buffer, size, 0);
  if (got > 0) {
    count({buffer, static_cast<std::size_t>(got)}, counts);
    acknowledge();
    return check_->fault() ? state::ended : state::reading;
  }
  if (got == 0) {
    check_->close();
    return state::ended;
  }
  if (errno == EAGAIN || errno == EINTR)
    return state::waiting;
  return errno == ECONNREFUSED && bytes_ == 0 ? state::refused : state::lost;
}

void load_client::count(std::string_view bytes, tally& counts) {
  bytes_ += bytes.size();
  counts.bytes += bytes.size();
  const auto frames = check_->take(bytes);
  if (frames == 0)
    return;
  counts.frames += frames;
  const auto now = clock::now();
  if (frames_ > 0)
    counts.gap.add(now - last_frame_at_);
  else
    counts.first_frame.add(now - connected_at_);
  for (std::size_t i = 1; i < frames; ++i)
    counts.gap.add(clock::duration::zero());
  frames_ += frames;
  last_frame_at_ = now;
}

void load_client::acknowledge() {
  if (!how_.acknowledges || acknowledged_ == frames_)
    return;
  // The last batch stands for all before it.
  acknowledged_ = frames_;
  to_say_.erase(0, std::exchange(said_, 0));
  to_say_ += "{\"type\":\"ack\",\"seq\":[" + std::to_string(frames_ - 1) + "]}\n";
  // Where the connection is lost, the next read finds that out.
  speak();
}

} // namespace dispatch::bench
