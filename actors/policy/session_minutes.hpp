#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace dispatch::policy {

/// What a session did in each minute of the last day in which it was there; minute n begins with second 60 n. What is
/// not known is not a number.
///
///     memory = 24 bytes for each minute in which it was there
class session_minutes {
public:
  static constexpr std::size_t most = 24 * 60;

  /// In `seconds` that end in this minute it was given `batches`. A minute before the latest one counts as that.
  /// @param epoch in which it is now
  void add(std::int64_t minute, double batches, double seconds, std::uint64_t epoch);

  /// Batches a second while it was there, for `count` minutes, the oldest first.
  /// @param end the minute behind the last one
  std::vector<double> rates(std::int64_t end, std::size_t count) const;

  /// The epoch in which it was at the end of each of these minutes.
  std::vector<double> epochs(std::int64_t end, std::size_t count) const;

private:
  struct entry {
    std::int64_t minute = 0;
    float batches = 0;
    float seconds = 0;
    double epoch = 0;
  };

  template <class Value>
  std::vector<double> values(std::int64_t end, std::size_t count, Value value) const;

  /// Of rising minutes.
  std::deque<entry> entries_;
};

} // namespace dispatch::policy
