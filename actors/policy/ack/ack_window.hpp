#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace dispatch::policy {

/// How many batches a member of a group may hold that it has not acknowledged: as many as it acknowledges in a second,
///
///     limit = clamp(acknowledged / time, least, most)
///
/// measured each time that `limit` batches were acknowledged. So a slow member does not hold what others could work on,
/// and a quick one never waits for an answer.
class ack_window {
public:
  using time_point = std::chrono::steady_clock::time_point;

  struct options {
    std::size_t least = 2;
    std::size_t most = 64;
  };

  ack_window(options opts, time_point now) : options_(opts), limit_(opts.least), since_(now) {}

  std::size_t limit() const noexcept { return limit_; }

  void acknowledged(std::size_t batches, time_point now) noexcept {
    acknowledged_ += batches;
    if (acknowledged_ < limit_)
      return;
    const auto seconds = std::max(std::chrono::duration<double>(now - since_).count(), 1e-6);
    const auto in_second = static_cast<double>(acknowledged_) / seconds;
    limit_ = static_cast<std::size_t>(
      std::clamp(in_second, static_cast<double>(options_.least), static_cast<double>(options_.most)));
    acknowledged_ = 0;
    since_ = now;
  }

private:
  options options_;
  std::size_t limit_;
  /// Since the limit was last measured.
  std::size_t acknowledged_ = 0;
  time_point since_;
};

} // namespace dispatch::policy
