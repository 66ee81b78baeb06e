#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace dispatch::chaos {

/// What the dispatcher's log says, line by line.
class dispatcher_log {
public:
  /// What it says of itself when it gets SIGUSR1.
  struct self_report {
    std::uint64_t clients = 0;
    std::uint64_t actors = 0;
    std::uint64_t queued = 0;          ///< requests that no upstream has
    std::uint64_t calls_in_flight = 0; ///< over all upstreams
    std::uint64_t live_fetchers = 0;   ///< over all upstreams
  };

  void take(std::string_view line);

  /// How often each event has come.
  const std::map<std::string, std::uint64_t, std::less<>>& events() const noexcept { return events_; }

  std::uint64_t count(std::string_view event) const;

  /// Whole reports so far.
  std::size_t reports() const noexcept { return reports_; }

  /// The last whole report.
  const self_report& last_report() const noexcept { return last_; }

private:
  std::map<std::string, std::uint64_t, std::less<>> events_;
  self_report open_; // whose lines are coming
  self_report last_;
  std::size_t reports_ = 0;
};

} // namespace dispatch::chaos
