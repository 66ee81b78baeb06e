#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "bench/floor/ready_lines.hpp"
#include "io/unique_fd.hpp"

namespace dispatch::bench {

/// One client of the floor server: what of the frames the kernel has taken, and the tails that are its own.
class floor_connection {
public:
  /// What the next step is.
  enum class state {
    greeting, ///< the client has not said all of its hello
    sending,  ///< the kernel takes no more for now
    draining, ///< all is sent, and the client has not closed its side
    over,     ///< the connection is closed or lost
  };

  /// What comes behind a frame.
  struct tails {
    std::string each;
    std::string last;
  };

  /// @param frames outlive the connection
  floor_connection(io::unique_fd fd, tails own, const std::vector<ready_frame>& frames);

  int fd() const noexcept { return fd_.get(); }

  /// Sends what the kernel takes, at most `most` bytes, so that other clients have their turn.
  state send(std::size_t most);

  /// Reads up to the end of the client's hello, whatever it says.
  state greet();

  /// Reads what the client sends after the end, until it has closed its side.
  state drain();

private:
  const std::string& tail_of(std::size_t frame) const { return frame + 1 < frames_.size() ? tails_.each : tails_.last; }

  long send_some();
  void advance(std::size_t bytes);

  io::unique_fd fd_;
  const std::vector<ready_frame>& frames_;
  tails tails_;
  std::size_t next_ = 0;  ///< the first frame that the kernel has not taken whole
  std::size_t taken_ = 0; ///< how much of that it has, its tail included
};

} // namespace dispatch::bench
