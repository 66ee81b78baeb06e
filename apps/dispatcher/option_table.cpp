#include "apps/dispatcher/option_table.hpp"

#include <cctype>

namespace dispatch {

std::string environment_name(const std::string& option) {
  std::string name = "DISPATCHER_";
  for (const auto c : option.substr(2))
    name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

std::string in_lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

} // namespace dispatch
