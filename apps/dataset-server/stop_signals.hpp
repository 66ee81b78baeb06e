#pragma once

#include <csignal>

namespace dispatch::dataset {

/// SIGTERM and SIGINT as a request to stop: the first is waited for, a second one ends the process at once.
class stop_signals {
public:
  /// Holds the two signals back in this thread and all that it starts from now on.
  stop_signals();

  /// Blocks until one of them comes. From then on the next one ends the process with 128 + its number.
  /// @returns its number
  int wait();

private:
  sigset_t set_;
};

} // namespace dispatch::dataset
