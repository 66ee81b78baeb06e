#pragma once

#include "apps/pull/frame.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace dispatch::pull {

/// Judges one connection's stream: every batch once, in order from 0, EOF on the last frame and on nothing
/// else.
///
/// A function that returns a sentence has found the stream wrong; the checker is of no use after that.
class stream_checker {
public:
  /// @param expected how many batches the stream has to have, when that is known (>= 1)
  explicit stream_checker(std::optional<std::int64_t> expected = std::nullopt);

  /// Takes the next frame.
  /// @returns what is wrong with it in one sentence, or nothing when it is the batch that was due
  std::optional<std::string> accept(const frame& next);

  /// @returns in one sentence that the stream has said EOF too early, or nothing. The frame that said so was a batch
  /// like any other.
  std::optional<std::string> shortfall() const;

  /// Says that the connection has ended.
  /// @param rest how many bytes came after the last whole line
  /// @returns what is wrong in one sentence, or nothing when the stream was complete
  std::optional<std::string> finish(std::size_t rest) const;

  /// How many batches came in order.
  std::int64_t batches() const { return due_; }

  /// Whether the frame that said EOF has come, with everything before it.
  bool complete() const { return eof_; }

private:
  std::optional<std::int64_t> expected_;
  std::int64_t due_ = 0; // the batch index that has to come next
  bool eof_ = false;
};

} // namespace dispatch::pull
