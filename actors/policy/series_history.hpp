#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace dispatch::policy {

/// Keeps a few numbers by the second for an hour and by the minute for a week:
///
///     of a minute = the mean of its seconds, or their sum where the number is an amount; unknown seconds count for
///     none memory      = (3,600 + 10,080) * (4 * series + 8) bytes, from the start
///
/// Seconds are numbered, from any origin. What is not known is not a number.
class series_history {
public:
  enum class kind { level, amount };

  static constexpr std::size_t kept_seconds = 3600;
  static constexpr std::size_t kept_minutes = 7 * 24 * 60;

  /// @param kinds of each series
  explicit series_history(std::vector<kind> kinds);

  /// @param values one for each series; takes the place of an earlier one of the same second
  void add(std::int64_t second, const std::vector<double>& values);

  /// The values of one series for `count` seconds, the oldest first.
  /// @param end the second behind the last one
  std::vector<double> by_second(std::size_t series, std::int64_t end, std::size_t count) const;

  /// The same for minutes; minute n begins with second 60 n.
  std::vector<double> by_minute(std::size_t series, std::int64_t end, std::size_t count) const;

private:
  /// What is kept of equal steps of time, in a ring.
  class ring {
  public:
    ring(std::size_t steps, std::size_t series);

    void set(std::int64_t step, std::size_t series, double value);
    double get(std::int64_t step, std::size_t series) const;
    /// Forgets what stood in the step's place, unless it is of the same step.
    void begin(std::int64_t step);

  private:
    std::size_t place_of(std::int64_t step) const;

    std::size_t series_;
    std::vector<std::int64_t> steps_;
    std::vector<float> values_;
  };

  double of_minute(std::int64_t minute, std::size_t series) const;

  std::vector<kind> kinds_;
  ring seconds_;
  ring minutes_;
};

} // namespace dispatch::policy
