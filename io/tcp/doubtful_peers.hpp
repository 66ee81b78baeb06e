#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "io/tcp/listen_socket.hpp"

namespace dispatch::io {

/// Connections of peers that had closed their sending side before they were sent anything: consumers that have nothing
/// to say (`nc -N`), and checks of load balancers that have closed the whole connection. TCP tells these apart only
/// when something is sent, so each peer is sent the first bytes of its protocol, which are the same for all consumers.
class doubtful_peers {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// @param beginning what everything that consumers are sent begins with
  explicit doubtful_peers(std::string beginning) : beginning_(std::move(beginning)) {}

  /// Takes a connection over and sends the beginning.
  void add(accepted_socket peer, time_point now);

  struct told_apart {
    std::vector<accepted_socket> present;
    std::vector<accepted_socket> gone;
  };

  /// Gives back the peers of which it is known at `now` whether they are there.
  told_apart check(time_point now);

  /// Gives all back.
  std::vector<accepted_socket> take_all();

  std::size_t size() const noexcept { return peers_.size(); }

private:
  struct doubtful {
    accepted_socket peer;
    time_point since;
  };

  std::string beginning_;
  std::vector<doubtful> peers_;
};

} // namespace dispatch::io
