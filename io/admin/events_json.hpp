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
std::string to_sse(const past_event& event);

} // namespace dispatch::admin
