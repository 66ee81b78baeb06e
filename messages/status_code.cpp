#include "messages/status_code.hpp"

#include <caf/message.hpp>

#include <optional>
#include <string_view>

namespace dispatch {

namespace {

bool read(const std::optional<status_code>& parsed, status_code& code) {
  code = parsed.value_or(code);
  return parsed.has_value();
}

} // namespace

bool from_string(caf::string_view name, status_code& code) {
  return read(parse_status_code(std::string_view{name.data(), name.size()}), code);
}

bool from_integer(std::underlying_type_t<status_code> number, status_code& code) {
  return read(parse_status_code(number), code);
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
