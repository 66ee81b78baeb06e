#pragma once

#include "io/unique_fd.hpp"

namespace dispatch {

/// For a program that a person runs: turns the first signal that stops it (`stops_a_tool`) into something that `poll`
/// can wait for, and that interrupts a write. A second one of the same kind ends the program at once, as it would
/// without this. SIGPIPE is ignored, so that a write says what went wrong. A server has `stop_signals` instead.
///
/// Signals belong to the whole process: have one of these, in main.
class stop_descriptor {
public:
  /// Throws `std::system_error` when the system has no descriptors left.
  stop_descriptor();
  stop_descriptor(const stop_descriptor&) = delete;
  stop_descriptor& operator=(const stop_descriptor&) = delete;
  ~stop_descriptor();

  /// Readable from the first signal on. Owned by this object.
  int fd() const { return read_end_.get(); }

  /// Whether a signal has come.
  bool raised() const;

private:
  io::unique_fd read_end_;
  io::unique_fd write_end_;
};

} // namespace dispatch
