#include "apps/dispatcher/stop_signals.hpp"

#include <csignal>

#include <pthread.h>
#include <unistd.h>

#include <utility>

namespace dispatch {

namespace {

/// Ends the watching thread; nobody outside has a reason to send it.
constexpr int end_of_watch = SIGUSR2;

::sigset_t watched_signals() {
  ::sigset_t set;
  ::sigemptyset(&set);
  for (const auto signal : {SIGTERM, SIGINT, SIGUSR1, end_of_watch})
    ::sigaddset(&set, signal);
  return set;
}

} // namespace

void hold_stop_signals() {
  const auto set = watched_signals();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

void release_stop_signals() {
  const auto set = watched_signals();
  ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

stop_signals::stop_signals() {
  hold_stop_signals();
  watcher_ = std::thread{[this] { watch(); }};
}

stop_signals::~stop_signals() {
  ::pthread_kill(watcher_.native_handle(), end_of_watch);
  watcher_.join();
}

std::optional<service_event> stop_signals::wait(std::chrono::milliseconds patience) {
  std::unique_lock guard{mutex_};
  if (!arrived_.wait_for(guard, patience, [this] { return !events_.empty(); }))
    return std::nullopt;
  auto event = std::move(events_.front());
  events_.pop_front();
  return event;
}

void stop_signals::post(service_event event) {
  const std::lock_guard guard{mutex_};
  events_.push_back(std::move(event));
  arrived_.notify_one();
}

void stop_signals::watch() {
  const auto set = watched_signals();
  auto stopping = false;
  for (;;) {
    auto signal = 0;
    if (::sigwait(&set, &signal) != 0 || signal == end_of_watch)
      return;
    if (signal == SIGUSR1) {
      post({service_event::kind::report, "SIGUSR1"});
      continue;
    }
    if (std::exchange(stopping, true))
      ::_exit(128 + signal);
    post({service_event::kind::stop, signal == SIGTERM ? "SIGTERM" : "SIGINT"});
  }
}

} // namespace dispatch
