#pragma once

#include "apps/pull/endpoint.hpp"
#include "io/unique_fd.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace dispatch::pull {

/// No connection could be made. `what()` is one clear line.
struct connect_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// How hard to try to connect.
struct connect_timeouts {
  std::chrono::milliseconds connect; ///< for each of the addresses that a name stands for; > 0
  std::chrono::milliseconds wait;    ///< keep trying for so long; 0: try once
};

/// The reading side of one TCP connection.
class tcp_stream {
public:
  enum class event {
    data,    ///< bytes were read
    closed,  ///< the peer has ended the connection in order
    broken,  ///< the connection failed; see `read_result::reason`
    timeout, ///< nothing came in time
    stopped, ///< the stop descriptor became readable
  };

  struct read_result {
    event what;
    std::size_t size = 0; ///< bytes read, for `event::data`
    std::string reason;   ///< for `event::broken`
  };

  /// Connects; all addresses that the host's name stands for are tried, in the system's order. The look-up of
  /// a name is the system's and takes as long as it takes. Throws `connect_error`.
  /// @param on_wait is told once, after the first failure, why it keeps trying
  /// @param stop_fd a descriptor that becomes readable when the program shall end; then the function throws
  /// at once
  static tcp_stream connect(const endpoint& where, connect_timeouts timeouts,
                            const std::function<void(const std::string&)>& on_wait, int stop_fd);

  /// Reads what is there, or waits up to `timeout` (rounded up to milliseconds) for something.
  read_result read(char* data, std::size_t size, std::chrono::nanoseconds timeout);

  /// From now on, the program's wish to end does not end a `read`.
  void ignore_stop() noexcept { stop_fd_ = -1; }

  /// Sends what the system takes without waiting; what it does not is lost.
  void send(std::string_view bytes);

private:
  tcp_stream(io::unique_fd fd, int stop_fd) : fd_(std::move(fd)), stop_fd_(stop_fd) {}

  io::unique_fd fd_;
  int stop_fd_;
};

/// Waits for `duration`, or until `stop_fd` becomes readable.
/// @returns whether the whole time went by
bool pause_for(std::chrono::milliseconds duration, int stop_fd);

} // namespace dispatch::pull
