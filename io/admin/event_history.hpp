#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "messages/event_log.hpp"

namespace dispatch::admin {

/// An event that was written, with all that its fields referred to.
struct past_event {
  using value_type = std::variant<std::string, std::int64_t, std::uint64_t, double, bool>;

  /// From 1, without gaps.
  std::uint64_t seq = 0;
  std::chrono::system_clock::time_point time;
  severity level = severity::info;
  std::string name;
  std::vector<std::pair<std::string, value_type>> fields;
};

/// Stands before the log and remembers what was written to it lately, for people who watch. It remembers what is of
/// level info or above, whatever the log leaves out. Safe to use from all threads.
class event_history : public event_log {
public:
  /// How many events of level info are remembered, and how many warnings and errors: passes that come and go do not
  /// push out what went wrong.
  static constexpr std::size_t capacity = 500;

  /// How many bytes of a text are remembered: some come from a dataset service, which may send megabytes.
  static constexpr std::size_t longest_text = 2000;

  /// @param next gets every event
  explicit event_history(event_log_ptr next);

  void write(severity level, std::string_view event, event_fields fields) override;

  /// Tells the events of this object from those of every other, also of an earlier run of the program.
  const std::string& run() const noexcept { return run_; }

  /// Remembered events whose number is greater than `seq`, oldest first. A number that has not been given yet is one of
  /// an earlier run of the program: all are newer.
  std::vector<past_event> since(std::uint64_t seq) const;

  /// The number of the last event; 0: there was none.
  std::uint64_t last_seq() const;

  /// Waits for an event that `since(seq)` would give.
  /// @returns whether there is one
  bool wait_for_newer(std::uint64_t seq, std::chrono::milliseconds timeout) const;

private:
  void remember(severity level, std::string_view event, event_fields fields);
  bool has_newer(std::uint64_t seq) const;

  event_log_ptr next_;
  std::string run_;
  mutable std::mutex mutex_;
  mutable std::condition_variable written_;
  std::deque<past_event> infos_;
  std::deque<past_event> troubles_;
  std::uint64_t last_seq_ = 0;
};

} // namespace dispatch::admin
