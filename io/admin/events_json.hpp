#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "io/admin/event_history.hpp"
#include "io/admin/json_text.hpp"

namespace dispatch::admin {

/// An event as docs/status.md has it.
json to_json(const past_event& event);

/// What `/events` answers.
/// @param before the number of the last event when `events` were asked for, or an earlier one
json events_json(const std::vector<past_event>& events, std::uint64_t before);

/// An event of a stream (Server-Sent Events), with the empty line that ends it.
/// @param run of the history that the event is from
std::string to_sse(const past_event& event, const std::string& run);

/// The number of the event that a peer has seen last, from what `to_sse` gave as its id or from the number alone.
/// @param run of the history that is to go on behind it
/// @returns 0 where the id is of another run, or none: all events are newer
std::uint64_t seen_seq(std::string_view id, std::string_view run);

} // namespace dispatch::admin
