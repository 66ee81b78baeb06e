#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace dispatch {

/// Ends the process when what is to end in order takes too long: whatever hangs, what was promised about stopping
/// holds. The kernel then closes what is open.
class exit_deadline {
public:
  /// @param timeout from now on
  /// @param exit_code of the process whose time is over
  exit_deadline(std::chrono::milliseconds timeout, int exit_code);

  /// All has ended in time.
  ~exit_deadline();

  exit_deadline(const exit_deadline&) = delete;
  exit_deadline& operator=(const exit_deadline&) = delete;

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool met_ = false;
  std::thread watcher_; // last: it uses all of the above
};

} // namespace dispatch
