#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "bench/stream/frame_note.hpp"
#include "bench/stream/line_cutter.hpp"
#include "bench/stream/stream_check.hpp"

namespace dispatch::bench {

/// Checks the stream of one pass: every batch once, in order from 0, EOF on the last frame and on nothing else.
class pass_check final : public stream_check {
public:
  /// @param expected how many batches there have to be, where that is known (>= 1)
  explicit pass_check(std::optional<std::int64_t> expected = std::nullopt) : expected_(expected) {}

  std::size_t take(std::string_view bytes) override;

private:
  std::optional<stream_fault> judge(const std::optional<frame_note>& note);

  std::optional<std::int64_t> expected_;
  line_cutter cutter_;
  std::int64_t due_ = 0; // the batch that has to come next
};

} // namespace dispatch::bench
