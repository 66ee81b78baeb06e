#pragma once

#include <cstdint>
#include <optional>

#include "apps/pull/frame.hpp"
#include "bench/stream/line_cutter.hpp"

namespace dispatch::bench {

/// What a frame of the classic client protocol (docs/protocol.md) says besides its samples.
struct frame_note {
  std::int64_t batch = 0;
  bool eof = false;
  std::optional<pull::stream_error> error; ///< in an error frame only; the message as it was sent, with its escapes
};

/// Reads the ends of a line; the fields may be in any order as long as all but the samples are in the two ends, and
/// `batch_index` may be absent, as with servers that know only `batch_id`. Samples are not looked at.
/// @returns nothing where the line is no frame
std::optional<frame_note> read_note(const line_ends& line);

} // namespace dispatch::bench
