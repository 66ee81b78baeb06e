#pragma once

#include "io/unique_fd.hpp"

namespace dispatch::pull {

/// Turns the first SIGINT, SIGTERM, SIGQUIT or SIGHUP into something that `poll` can wait for; a second one of the same
/// kind ends the program at once, as it would without this. SIGPIPE is ignored, so that a write says what went wrong.
///
/// Signals belong to the whole process: have one of these, in main.
class stop_signal {
public:
  /// Throws `std::system_error` when the system has no descriptors left.
  stop_signal();
  stop_signal(const stop_signal&) = delete;
  stop_signal& operator=(const stop_signal&) = delete;
  ~stop_signal();

  /// Readable from the first signal on. Owned by this object.
  int fd() const { return read_end_.get(); }

  /// Whether a signal has come.
  bool raised() const;

private:
  io::unique_fd read_end_;
  io::unique_fd write_end_;
};

} // namespace dispatch::pull
