#include "apps/pull/frame_members.hpp"

#include <limits>
#include <utility>

#include "wire/base64_decoder.hpp"

namespace dispatch::pull {

namespace {

constexpr unsigned bit_of(member which) {
  return 1U << static_cast<unsigned>(which);
}

const char* name_of(member which) {
  switch (which) {
  case member::batch_id:
    return "batch_id";
  case member::batch_index:
    return "batch_index";
  case member::batch_data:
    return "batch_data";
  case member::client_id:
    return "client_id";
  case member::eof:
    return "EOF";
  case member::error:
    return "error";
  case member::error_code:
    return "the error's code";
  case member::error_message:
    return "the error's message";
  case member::unknown:
    break;
  }
  return "a member";
}

} // namespace

member member_named(std::string_view key) {
  for (const auto each :
       {member::batch_id, member::batch_index, member::batch_data, member::client_id, member::eof, member::error})
    if (key == name_of(each))
      return each;
  return member::unknown;
}

member error_member_named(std::string_view key) {
  return key == "code" ? member::error_code : key == "message" ? member::error_message : member::unknown;
}

bool frame_members::begin(member which) {
  if (which == member::unknown)
    return true;
  if (has(which))
    return refuse(std::string{name_of(which)} + " is there twice");
  seen_ |= bit_of(which);
  return true;
}

bool frame_members::take(member which, bool x) {
  if (which != member::eof)
    return take_other(which, "a boolean");
  eof_ = x;
  return true;
}

bool frame_members::take(member which, std::uint64_t x) {
  if (which != member::batch_id && which != member::batch_index)
    return take_other(which, "a number");
  if (x > std::uint64_t{std::numeric_limits<std::int64_t>::max()})
    return take_other(which, "a number out of range");
  (which == member::batch_id ? batch_id_ : batch_index_) = static_cast<std::int64_t>(x);
  return true;
}

bool frame_members::take(member which, std::string x) {
  if (which == member::client_id)
    client_id_ = std::move(x);
  else if (which == member::error_code)
    error_code_ = std::move(x);
  else if (which == member::error_message)
    error_message_ = std::move(x);
  else
    return take_other(which, "a string");
  return true;
}

bool frame_members::take_other(member which, const char* what) {
  return which == member::unknown || refuse(std::string{name_of(which)} + " is " + what);
}

bool frame_members::take_data(std::optional<std::string_view> cut, std::string whole) {
  if (data_)
    return refuse("batch_data holds more than one string");
  own_data_ = std::move(whole);
  data_ = cut.value_or(own_data_);
  return true;
}

bool frame_members::take_no_data(const char* what) {
  return refuse(std::string{"batch_data holds "} + what + " instead of a base64 string");
}

bool frame_members::refuse(std::string reason) {
  if (problem_.empty())
    problem_ = std::move(reason);
  return false;
}

std::variant<frame, malformed_frame> frame_members::finish() {
  if (!problem_.empty())
    return malformed_frame{std::move(problem_)};
  if (auto missing = what_is_missing())
    return malformed_frame{std::move(*missing)};
  frame result{batch_id_, batch_id_, {}, std::move(client_id_), eof_, std::nullopt};
  if (data_)
    if (const auto problem = decode_base64(*data_, result.data))
      return malformed_frame{"batch_data is not base64: " + *problem};
  if (has(member::error))
    result.error = stream_error{std::move(*error_code_), std::move(*error_message_)};
  return result;
}

bool frame_members::has(member which) const {
  return (seen_ & bit_of(which)) != 0;
}

std::optional<std::string> frame_members::what_is_missing() const {
  for (const auto each : {member::batch_id, member::batch_data, member::client_id, member::eof})
    if (!has(each))
      return std::string{name_of(each)} + " is missing";
  if (has(member::batch_index) && batch_index_ != batch_id_)
    return "batch_id is " + std::to_string(batch_id_) + " but batch_index is " + std::to_string(batch_index_);
  if (!has(member::error))
    return data_ ? std::nullopt : std::optional<std::string>{"batch_data is empty, and there is no error"};
  for (const auto each : {member::error_code, member::error_message})
    if (!has(each))
      return std::string{name_of(each)} + " is missing";
  return std::nullopt;
}

} // namespace dispatch::pull
