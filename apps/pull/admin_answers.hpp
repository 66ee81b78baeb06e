#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "apps/pull/sample_format.hpp"

namespace dispatch::pull {

/// What a dispatcher's `/status` says that matters to a consumer.
struct dispatcher_state {
  std::uint16_t port = 0; ///< that its consumers connect to; 0 where its --listen leaves that to the system
  std::string waits_for;  ///< a sentence such as "the dispatcher is not ready: no upstream is up"; printable ASCII
};

/// Reads the body of `/status`.
/// @returns nothing when it is not a dispatcher's
std::optional<dispatcher_state> parse_status(std::string_view body);

/// Reads what one sample is from the body of `/preview`.
/// @returns nothing when the body does not say, or when the type is none of `parse_sample_format()`'s
std::optional<sample_format> parse_preview(std::string_view body);

} // namespace dispatch::pull
