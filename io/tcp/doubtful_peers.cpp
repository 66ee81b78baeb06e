#include "io/tcp/doubtful_peers.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <utility>

#include "io/tcp/peer_presence.hpp"
#include "io/tcp/peer_sample.hpp"
#include "wire/classic_codec.hpp"

namespace dispatch::io {

doubtful_peers::~doubtful_peers() {
  for (const auto& [peer, since] : peers_)
    ::close(peer.fd);
}

void doubtful_peers::add(const accepted_socket& peer, time_point now) {
  // The buffer of a new connection has room. A peer that has reset it meanwhile shows at the next look.
  static_cast<void>(::send(peer.fd, stream_beginning.data(), stream_beginning.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
  peers_.push_back({peer, now});
}

doubtful_peers::told_apart doubtful_peers::look(time_point now) {
  told_apart result;
  std::vector<doubtful> left;
  for (auto& [peer, since] : std::exchange(peers_, {})) {
    const auto waited = std::chrono::duration_cast<std::chrono::milliseconds>(now - since);
    const auto seen = sample_peer(peer.fd);
    switch (seen ? presence_of(*seen, waited) : peer_presence::gone) {
    case peer_presence::present:
      result.present.push_back(std::move(peer));
      break;
    case peer_presence::gone:
      result.gone.push_back(std::move(peer));
      break;
    case peer_presence::unknown:
      left.push_back({std::move(peer), since});
      break;
    }
  }
  peers_ = std::move(left);
  return result;
}

std::vector<accepted_socket> doubtful_peers::take_all() {
  std::vector<accepted_socket> result;
  for (auto& [peer, since] : std::exchange(peers_, {}))
    result.push_back(std::move(peer));
  return result;
}

} // namespace dispatch::io
