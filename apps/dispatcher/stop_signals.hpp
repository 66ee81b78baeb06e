#pragma once

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
    /// A signal asks for counts.
    report,
    /// A part without which there is no service has failed.
    failure,
  };

  kind what = kind::stop;
  /// For people: the signal's name, or the reason of a failure.
  std::string why;
};

/// Has signals wait until somebody watches them: nothing that starts up is cut off in the middle. For the beginning of
/// main.
void hold_stop_signals();

/// Takes that back, where nobody is going to watch: signals end the program as they always do.
void release_stop_signals();

/// Turns signals into events. Construct it before the first thread starts: all threads inherit that the signals are
/// blocked. The second signal that asks to stop ends the process at once, whatever the main thread does.
class stop_signals {
public:
  stop_signals();

  ~stop_signals();

  stop_signals(const stop_signals&) = delete;
  stop_signals& operator=(const stop_signals&) = delete;

  /// Waits until something happens.
  /// @returns nothing when nothing did within `patience`
  std::optional<service_event> wait(std::chrono::milliseconds patience);

  /// Adds an event; from any thread.
  void post(service_event event);

private:
  void watch();

  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<service_event> events_;
  std::thread watcher_;
};

} // namespace dispatch
