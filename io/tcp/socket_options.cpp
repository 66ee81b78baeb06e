#include "io/tcp/socket_options.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstddef>

namespace dispatch::io {

namespace {

/// TCP_RTO_MAX_MS, which is younger (Linux 6.15) than the headers of this system may be.
constexpr int longest_retry_interval_ms = 44;

/// What the kernel takes for it.
constexpr int longest_retry_interval = 120;

void set_int(int fd, int level, int option, int value) {
  static_cast<void>(::setsockopt(fd, level, option, &value, sizeof value));
}

/// Throws away what the peer has sent.
void discard_received(int fd) {
  // More than any receive buffer holds; TCP drops it without a copy.
  constexpr std::size_t all = std::size_t{1} << 30;
  static_cast<void>(::recv(fd, nullptr, all, MSG_TRUNC | MSG_DONTWAIT));
}

} // namespace

void tune_socket(int fd, const socket_options& options) {
  constexpr int probes = 3;
  const auto interval = static_cast<int>(options.dead_peer_timeout.count()) / (probes + 1);
  set_int(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  set_unsent_limit(fd, least_unsent);
  set_int(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_int(fd, IPPROTO_TCP, TCP_KEEPIDLE, interval);
  set_int(fd, IPPROTO_TCP, TCP_KEEPINTVL, interval);
  set_int(fd, IPPROTO_TCP, TCP_KEEPCNT, probes);
  set_int(fd, IPPROTO_TCP, longest_retry_interval_ms, std::min(interval, longest_retry_interval) * 1000);
}

void set_unsent_limit(int fd, std::size_t bytes) {
  set_int(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, static_cast<int>(bytes));
}

void prepare_unattended_close(int fd, std::chrono::milliseconds timeout) {
  discard_received(fd);
  set_int(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<int>(timeout.count()));
}

void discard_unsent_on_close(int fd) {
  const ::linger at_once{1, 0};
  static_cast<void>(::setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once));
}

} // namespace dispatch::io
