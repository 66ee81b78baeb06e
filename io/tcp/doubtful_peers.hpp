#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

#include "io/tcp/listen_socket.hpp"

namespace dispatch::io {

/// Connections of peers that had closed their sending side before their stream began: consumers that have nothing to
/// say
/// (`nc -N`), and checks of load balancers that have closed the whole connection. TCP tells these apart only when
/// something is sent, so each is sent the first bytes of its stream, which are the same in all streams. Owns the
/// sockets.
class doubtful_peers {
public:
  using time_point = std::chrono::steady_clock::time_point;

  doubtful_peers() = default;
  ~doubtful_peers();

  doubtful_peers(const doubtful_peers&) = delete;
  doubtful_peers& operator=(const doubtful_peers&) = delete;

  /// Takes a connection over and sends the beginning of its stream.
  void add(const accepted_socket& peer, time_point now);

  /// Sockets that are given back: the caller owns them.
  struct told_apart {
    std::vector<accepted_socket> present;
    std::vector<accepted_socket> gone;
  };

  /// Gives back those of whom is known at `now` what they are.
  told_apart look(time_point now);

  /// Gives all back.
  std::vector<accepted_socket> take_all();

  std::size_t size() const noexcept { return peers_.size(); }

private:
  struct doubtful {
    accepted_socket peer;
    time_point since;
  };

  std::vector<doubtful> peers_;
};

} // namespace dispatch::io
