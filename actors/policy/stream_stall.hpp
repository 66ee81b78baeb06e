#pragma once

#include <algorithm>
#include <chrono>

namespace dispatch::policy {

/// Decides how long a stream may take for its next batch before it is given up (ADR 17).
///
///     allowed = min(max(least, 10 * usual), most)
///     usual   = usual + (gap - usual) / 8 with each gap, from 0 at the start of the stream
///
/// A gap is how long the stream took for a batch that was waited for. Unlike a call (`straggler_rule`), a stream is
/// measured by its own pace, and holds up all that waits for it.
class stream_stall {
public:
  using duration = std::chrono::steady_clock::duration;

  /// @param least what any stream may take
  /// @param most what no stream may exceed
  stream_stall(duration least, duration most) : least_(least), most_(most) {}

  /// A new stream starts.
  void begin() noexcept { usual_ = {}; }

  /// The stream took `gap` for a batch.
  void note(duration gap) noexcept { usual_ += (gap - usual_) / 8; }

  /// How long the stream may take for its next batch.
  duration allowed() const noexcept {
    constexpr auto times_usual = 10;
    return std::min(std::max(least_, times_usual * usual_), most_);
  }

private:
  duration least_;
  duration most_;
  duration usual_{};
};

} // namespace dispatch::policy
