#include "apps/process/stop_signals.hpp"

#include <csignal>

#include <pthread.h>
#include <unistd.h>

#include <utility>

#include "apps/process/signal_request.hpp"

namespace dispatch {

namespace {

/// Any signal that is waited for will do to end the watch.
constexpr int wake_up = SIGUSR2;

bool has_handler(int signal) {
  struct ::sigaction action {};
  ::sigaction(signal, nullptr, &action);
  return (action.sa_flags & SA_SIGINFO) != 0 || (action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN);
}

/// The signals without a handler for which `is_wanted` is true of what they ask.
template <class Predicate>
::sigset_t signals_where(Predicate is_wanted) {
  ::sigset_t set;
  ::sigemptyset(&set);
  for (const auto signal : requesting_signals())
    if (is_wanted(*request_of(signal)) && !has_handler(signal))
      ::sigaddset(&set, signal);
  return set;
}

::sigset_t awaited_signals() {
  return signals_where([](signal_request what) { return what != signal_request::nothing; });
}

::sigset_t stopping_signals() {
  return signals_where([](signal_request what) { return what == signal_request::stop; });
}

void set_action_of_ignored(void (*action)(int)) {
  for (const auto signal : requesting_signals())
    if (request_of(signal) == signal_request::nothing && !has_handler(signal))
      std::signal(signal, action);
}

service_event event_of(int signal) {
  using kind = service_event::kind;
  const auto what = request_of(signal);
  return {what == signal_request::reload   ? kind::reload
          : what == signal_request::report ? kind::report
                                           : kind::stop,
          signal_name(signal)};
}

} // namespace

void hold_stop_signals() {
  set_action_of_ignored(SIG_IGN);
  const auto set = awaited_signals();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

void release_stop_signals() {
  set_action_of_ignored(SIG_DFL);
  const auto set = awaited_signals();
  ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

stop_at_once::stop_at_once() {
  const auto set = stopping_signals();
  ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

stop_at_once::~stop_at_once() {
  const auto set = stopping_signals();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

stop_signals::stop_signals() {
  hold_stop_signals();
  watcher_ = std::thread{[this] { watch(); }};
}

stop_signals::~stop_signals() {
  over_ = true;
  ::pthread_kill(watcher_.native_handle(), wake_up);
  watcher_.join();
}

service_event stop_signals::take_first() {
  auto event = std::move(events_.front());
  events_.pop_front();
  return event;
}

service_event stop_signals::wait() {
  std::unique_lock guard{mutex_};
  arrived_.wait(guard, [this] { return !events_.empty(); });
  return take_first();
}

std::optional<service_event> stop_signals::wait(std::chrono::milliseconds timeout) {
  std::unique_lock guard{mutex_};
  if (!arrived_.wait_for(guard, timeout, [this] { return !events_.empty(); }))
    return std::nullopt;
  return take_first();
}

void stop_signals::post(service_event event) {
  const std::lock_guard guard{mutex_};
  events_.push_back(std::move(event));
  arrived_.notify_one();
}

void stop_signals::watch() {
  const auto set = awaited_signals();
  auto insisted = false;
  for (;;) {
    auto signal = 0;
    if (::sigwait(&set, &signal) != 0 || over_)
      return;
    if (insists(signal) && std::exchange(insisted, true))
      ::_exit(128 + signal);
    post(event_of(signal));
  }
}

} // namespace dispatch
