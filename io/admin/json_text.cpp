#include "io/admin/json_text.hpp"

#include <array>
#include <cstdio>
#include <ctime>

namespace dispatch::admin {

std::string to_text(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string moment_text(std::chrono::system_clock::time_point moment) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(moment);
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(moment - whole).count();
  const auto seconds = std::chrono::system_clock::to_time_t(whole);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  const auto size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text.data() + size, text.size() - size, ".%03dZ", static_cast<int>(milliseconds));
  return text.data();
}

} // namespace dispatch::admin
