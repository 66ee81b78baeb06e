#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "io/admin/json_text.hpp"
#include "messages/inspector.hpp"

namespace dispatch::admin {

/// The span that is asked for: whole seconds, at most a week; an hour where nothing is said. Nothing where it is no
/// such number.
std::optional<std::chrono::seconds> span_of(const std::string& text);

/// The body of `/history` (docs/status.md).
json history_json(const history_report& report);

} // namespace dispatch::admin
