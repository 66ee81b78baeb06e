#pragma once

#include "apps/pull/frame.hpp"

#include <string>
#include <string_view>
#include <variant>

namespace dispatch::pull {

/// How deeply the JSON of a line may be nested: far more than a frame needs. It bounds what is kept for hostile input.
constexpr int deepest_json = 64;

/// Parses one line of the classic client protocol.
///
/// Fields that are unknown are ignored, so that the protocol can grow. `batch_index` may be absent, as in the
/// frames of servers that know only `batch_id`. A frame without an error holds exactly one base64 string; an
/// error frame at most one.
///
/// @param line a whole line without its '\n'; any bytes
/// @returns the frame, or the reason why the line is none; never throws for what the line holds
std::variant<frame, malformed_frame> parse_frame(std::string_view line);

} // namespace dispatch::pull
