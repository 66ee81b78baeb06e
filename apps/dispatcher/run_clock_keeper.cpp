#include "apps/dispatcher/run_clock_keeper.hpp"

#include <chrono>

namespace dispatch {

namespace {

constexpr std::chrono::milliseconds interval{250};

} // namespace

run_clock_keeper::run_clock_keeper()
  : clock_(std::make_shared<run_clock>(std::chrono::steady_clock::now())),
    thread_([this] { run(); }) {}

run_clock_keeper::~run_clock_keeper() {
  {
    const std::lock_guard guard{mutex_};
    ended_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void run_clock_keeper::run() {
  std::unique_lock guard{mutex_};
  while (!changed_.wait_for(guard, interval, [this] { return ended_; }))
    clock_->tell(std::chrono::steady_clock::now());
}

} // namespace dispatch
