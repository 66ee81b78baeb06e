#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace dispatch {

/// Something that the main thread waits for.
struct service_event {
  enum class kind {
    /// A signal asks to stop.
    stop,
    /// A signal asks to read anew what can change.
    reload,
    /// A signal asks for counts.
    report,
    /// A part without which there is no service has failed.
    failure,
  };

  kind what = kind::stop;
  /// For people: the signal's name, or the reason of a failure.
  std::string why;
};

/// Blocks the signals that ask for something (`request_of`), and ignores those that ask for nothing. A signal then
/// waits for a `stop_signals`, and cannot cut off a start in the middle. A signal that has a handler, such as a
/// profiler's, is left to that handler. For the beginning of main.
void hold_stop_signals();

/// Takes that back, where no `stop_signals` follows: signals end the program as they do by default.
void release_stop_signals();

/// While this lives, a signal that asks to stop ends the program at once, as it does by default: there is nothing yet
/// to be ended in order. For a program with one thread that has called `hold_stop_signals()`.
class stop_at_once {
public:
  stop_at_once();
  ~stop_at_once();

  stop_at_once(const stop_at_once&) = delete;
  stop_at_once& operator=(const stop_at_once&) = delete;
};

/// Turns signals into events. Construct it before the first thread starts: all threads inherit that the signals are
/// blocked. The second signal that insists ends the process at once, whatever the main thread does.
class stop_signals {
public:
  stop_signals();

  ~stop_signals();

  stop_signals(const stop_signals&) = delete;
  stop_signals& operator=(const stop_signals&) = delete;

  /// Waits until something happens.
  service_event wait();

  /// Waits until something happens.
  /// @returns nothing when nothing did within `timeout`
  std::optional<service_event> wait(std::chrono::milliseconds timeout);

  /// Adds an event; from any thread.
  void post(service_event event);

private:
  void watch();
  service_event take_first();

  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<service_event> events_;
  std::atomic<bool> over_{false};
  std::thread watcher_; // last: it uses all of the above
};

} // namespace dispatch
