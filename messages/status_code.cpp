#include "messages/status_code.hpp"

#include <caf/message.hpp>

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

bool from_string(caf::string_view name, status_code& code) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == std::string_view{name.data(), name.size()}) {
      code = static_cast<status_code>(i);
      return true;
    }
  }
  return false;
}

bool from_integer(std::underlying_type_t<status_code> number, status_code& code) {
  if (number >= names.size())
    return false;
  code = static_cast<status_code>(number);
  return true;
}

caf::error make_error(const failure& reason) {
  return caf::make_error(reason.code, reason.message);
}

bool is_failure(const caf::error& reason) {
  return reason && reason.category() == caf::type_id_v<status_code>;
}

failure to_failure(const caf::error& reason) {
  if (!is_failure(reason))
    return {status_code::internal, "an actor of the dispatcher failed: " + caf::to_string(reason)};
  failure result{static_cast<status_code>(reason.code()), {}};
  if (reason.context().match_elements<std::string>())
    result.message = reason.context().get_as<std::string>(0);
  return result;
}

} // namespace dispatch
