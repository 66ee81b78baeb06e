#include "io/tcp/doubtful_peers.hpp"

#include <sys/socket.h>

#include <utility>

#include "io/tcp/peer_presence.hpp"
#include "io/tcp/peer_sample.hpp"

namespace dispatch::io {

void doubtful_peers::add(accepted_socket peer, time_point now) {
  // The buffer of a new connection has room. A peer that has reset it meanwhile shows at the next check.
  static_cast<void>(::send(peer.fd.get(), beginning_.data(), beginning_.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
  peers_.push_back({std::move(peer), now});
}

doubtful_peers::told_apart doubtful_peers::check(time_point now) {
  told_apart result;
  std::vector<doubtful> left;
  for (auto& [peer, since] : std::exchange(peers_, {})) {
    const auto waited = std::chrono::duration_cast<std::chrono::milliseconds>(now - since);
    const auto seen = sample_peer(peer.fd.get());
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
