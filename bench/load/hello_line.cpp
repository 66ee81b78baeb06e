#include "bench/load/hello_line.hpp"

#include <nlohmann/json.hpp>

#include <string_view>

namespace dispatch::bench {

std::optional<std::string> hello_line(std::string members, std::size_t client) {
  constexpr std::string_view placeholder = "{client}";
  const auto number = std::to_string(client);
  for (auto at = members.find(placeholder); at != std::string::npos; at = members.find(placeholder, at + number.size()))
    members.replace(at, placeholder.size(), number);
  const auto asked = nlohmann::json::parse(members, nullptr, false);
  if (!asked.is_object())
    return std::nullopt;
  auto line = asked;
  // Nothing else is checked here.
  line["type"] = "hello";
  line["payload"] = "raw";
  return line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

} // namespace dispatch::bench
