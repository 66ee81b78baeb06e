#include "wire/session/json_members.hpp"

#include <algorithm>

namespace dispatch {

namespace {

using nlohmann::json;

constexpr std::size_t most_shown = 60;

std::string cut(std::string text) {
  if (text.size() > most_shown)
    text.replace(most_shown, std::string::npos, "...");
  return text;
}

} // namespace

std::string shown_text(std::string_view text) {
  return cut(json(text.substr(0, most_shown + 1)).dump(-1, ' ', true, json::error_handler_t::replace));
}

std::string shown(const json& value) {
  return value.is_string() ? shown_text(value.get_ref<const std::string&>())
                           : cut(value.dump(-1, ' ', true, json::error_handler_t::replace));
}

std::optional<std::string> json_members::text(const char* name) const {
  if (!has(name))
    return std::nullopt;
  const auto& got = value_.at(name);
  if (!got.is_string())
    throw wrong(name, "a string");
  return got.get<std::string>();
}

bool json_members::flag(const char* name) const {
  if (!has(name))
    return false;
  const auto& got = value_.at(name);
  if (!got.is_boolean())
    throw wrong(name, "true or false");
  return got.get<bool>();
}

json_members json_members::object(const char* name) const {
  const auto& got = value_.at(name);
  if (!got.is_object())
    throw wrong(name, "an object");
  return json_members{got, path(name) + "."};
}

const json& json_members::list(const char* name) const {
  static const json none = json::array();
  if (!has(name))
    return none;
  const auto& got = value_.at(name);
  if (!got.is_array())
    throw wrong(name, "an array");
  return got;
}

void json_members::only(std::initializer_list<std::string_view> names, const char* known) const {
  for (const auto& [name, value] : value_.items())
    if (std::find(names.begin(), names.end(), name) == names.end())
      throw bad_member{status_code::invalid_argument, path_ + name + ": is not known here; it takes " + known};
}

bad_member json_members::wrong(const char* name, const std::string& takes) const {
  return {status_code::invalid_argument, path(name) + ": got " + shown(value_.at(name)) + "; it takes " + takes};
}

bad_member json_members::missing(const char* name) const {
  return {status_code::invalid_argument, path(name) + ": is missing"};
}

} // namespace dispatch
