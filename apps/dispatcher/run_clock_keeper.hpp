#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "messages/run_clock.hpp"

namespace dispatch {

/// Tells a clock the time for as long as it lives, in a thread of its own: so what the process does not run shows.
class run_clock_keeper {
public:
  run_clock_keeper();
  ~run_clock_keeper();

  run_clock_keeper(const run_clock_keeper&) = delete;
  run_clock_keeper& operator=(const run_clock_keeper&) = delete;

  const std::shared_ptr<run_clock>& clock() const noexcept { return clock_; }

private:
  void run();

  std::shared_ptr<run_clock> clock_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ended_ = false;
  std::thread thread_;
};

} // namespace dispatch
