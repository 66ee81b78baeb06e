#include "apps/dispatcher/exit_deadline.hpp"

#include <unistd.h>

namespace dispatch {

exit_deadline::exit_deadline(std::chrono::milliseconds timeout, int exit_code)
  : watcher_([this, exit_code, at = std::chrono::steady_clock::now() + timeout] {
      std::unique_lock guard{mutex_};
      // Nothing is logged: it may be the log that hangs.
      if (!changed_.wait_until(guard, at, [this] { return met_; }))
        ::_exit(exit_code);
    }) {}

exit_deadline::~exit_deadline() {
  {
    const std::lock_guard guard{mutex_};
    met_ = true;
  }
  changed_.notify_one();
  watcher_.join();
}

} // namespace dispatch
