#include "wire/status_code.hpp"

#include <algorithm>
#include <array>

namespace dispatch {

namespace {

constexpr std::array<std::string_view, 17> names{
  "OK",        "CANCELLED",       "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
  "NOT_FOUND", "ALREADY_EXISTS",  "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
  "ABORTED",   "OUT_OF_RANGE",    "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
  "DATA_LOSS", "UNAUTHENTICATED",
};

} // namespace

std::string to_string(status_code code) {
  return std::string{names.at(static_cast<std::size_t>(code))};
}

std::optional<status_code> parse_status_code(std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  return found != names.end() ? parse_status_code(static_cast<int>(found - names.begin())) : std::nullopt;
}

std::optional<status_code> parse_status_code(int number) {
  if (number < 0 || number >= static_cast<int>(names.size()))
    return std::nullopt;
  return static_cast<status_code>(number);
}

} // namespace dispatch
