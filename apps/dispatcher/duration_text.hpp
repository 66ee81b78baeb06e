#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace dispatch {

/// Reads a duration as people write it: a whole number with `ms`, `s`, `m` or `h`, or without a unit for seconds.
/// @returns nothing where `text` is not one, or is longer than a year
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

/// Writes a duration in the largest unit that holds it exactly.
std::string to_text(std::chrono::milliseconds duration);

} // namespace dispatch
