#include "io/tcp/peer_sample.hpp"

// Not the C library's <netinet/tcp.h>, whose tcp_info ends before what is needed here.
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace dispatch::io {

namespace {

/// TCP_CLOSE and TCP_CLOSE_WAIT of the kernel's states, which its header for programs does not name.
constexpr auto closed_state = 7;
constexpr auto half_closed_state = 8;

} // namespace

std::optional<peer_sample> sample_peer(int fd) {
  ::tcp_info info{};
  ::socklen_t size = sizeof info;
  if (::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0)
    return std::nullopt;
  peer_sample result;
  result.closed = info.tcpi_state == closed_state;
  result.half_closed = info.tcpi_state == half_closed_state;
  result.pending = info.tcpi_unacked > 0 || info.tcpi_notsent_bytes > 0;
  result.acknowledged = info.tcpi_bytes_acked;
  result.received = info.tcpi_bytes_received;
  result.retransmitted = info.tcpi_total_retrans;
  result.unanswered_probes = info.tcpi_probes;
  result.silent = std::chrono::milliseconds{info.tcpi_last_ack_recv};
  return result;
}

} // namespace dispatch::io
