#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "messages/event_log.hpp"

namespace dispatch {

/// Decides which of many equal warnings are logged. Warnings are equal that have the same subject: the event's name,
/// the first field that is not `client`, and the field `code`.
///
///     first        = the first one is logged, or the first ten where a client is named
///     interval     = 10 s after those, twice as long after each one that is logged, at most 10 min
///     logged       = any later one that comes `interval` after the last logged one, with the number of those left out
///     forgotten    = a subject without a warning for a minute: the next one is a first one
///
/// A warning whose first field is `message` has no subject. It answers an operator, and is always logged.
/// Not for more than one thread.
class repeat_filter {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// @returns nothing where the event is left out, else how many equal ones were left out before it
  std::optional<std::uint64_t> pass(severity level, std::string_view event, event_fields fields, time_point now);

private:
  struct series {
    std::uint64_t first_ones = 0;
    std::uint64_t left_out = 0;
    std::chrono::steady_clock::duration interval{};
    time_point logged_at{};
    time_point came_at{};
  };

  void forget_old(time_point now);

  std::map<std::string, series, std::less<>> series_;
  time_point forgot_at_{};
};

} // namespace dispatch
