#include "bench/load/hello_line.hpp"

#include <nlohmann/json.hpp>

#include <string_view>
#include <utility>

namespace dispatch::bench {

namespace {

using nlohmann::json;

/// What `members` are for one client; no object where they are none.
json members_of(std::string members, std::size_t client) {
  constexpr std::string_view placeholder = "{client}";
  const auto number = std::to_string(client);
  for (auto at = members.find(placeholder); at != std::string::npos; at = members.find(placeholder, at + number.size()))
    members.replace(at, placeholder.size(), number);
  return json::parse(members, nullptr, false);
}

/// A member by its name; null where it was left out.
json member_of(const json& all, const char* name) {
  return all.is_object() ? all.value(name, json{}) : json{};
}

} // namespace

std::optional<std::string> hello_line(std::string members, std::size_t client) {
  auto line = members_of(std::move(members), client);
  if (!line.is_object())
    return std::nullopt;
  // Nothing else is checked here.
  line["type"] = "hello";
  line["payload"] = "raw";
  return line.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

bool asks_for(const std::string& members, const char* name) {
  return !member_of(members_of(members, 0), name).is_null();
}

std::string hello_problem(const std::string& members) {
  const auto first = members_of(members, 0);
  if (!first.is_object())
    return "got '" + members + "', takes a JSON object";
  if (member_of(first, "group") != member_of(members_of(members, 1), "group"))
    return "takes one group for all clients";
  if (member_of(first, "ack") == "explicit")
    return "takes \"ack\": \"next\" only";
  return {};
}

} // namespace dispatch::bench
