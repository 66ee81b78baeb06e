#include "io/socket_options.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>

namespace dispatch::io {

namespace {

void set_int(int fd, int level, int option, int value) {
  static_cast<void>(::setsockopt(fd, level, option, &value, sizeof value));
}

} // namespace

void tune_socket(int fd, const socket_options& options) {
  constexpr int probes = 3;
  const auto seconds = std::max(static_cast<int>(options.dead_peer_timeout.count()), probes + 1);
  const auto interval = seconds / (probes + 1);
  set_int(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  set_int(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, options.unsent_limit);
  set_int(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_int(fd, IPPROTO_TCP, TCP_KEEPIDLE, interval);
  set_int(fd, IPPROTO_TCP, TCP_KEEPINTVL, interval);
  set_int(fd, IPPROTO_TCP, TCP_KEEPCNT, probes);
  set_int(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, seconds * 1000);
}

void prepare_unattended_close(int fd, std::chrono::milliseconds patience) {
  char unread[4096];
  // A peer that never stops sending must not keep the caller here.
  for (auto reads = 0; reads < 16 && ::recv(fd, unread, sizeof unread, MSG_DONTWAIT) > 0; ++reads) {
  }
  set_int(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<int>(patience.count()));
}

void discard_unsent_on_close(int fd) {
  const ::linger at_once{1, 0};
  static_cast<void>(::setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once));
}

} // namespace dispatch::io
