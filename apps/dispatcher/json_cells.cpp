#include "apps/dispatcher/json_cells.hpp"

#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>

#include "apps/pull/printable_text.hpp"

namespace dispatch {

namespace {

template <class... Args>
std::string format(const char* pattern, Args... args) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), pattern, args...);
  return text.data();
}

} // namespace

std::string text_of(const admin::json& value, std::size_t longest) {
  if (value.is_null())
    return "-";
  if (value.is_number_float())
    return format("%.3f", value.get<double>());
  return pull::printable_text(value.is_string() ? value.get<std::string>() : value.dump(), longest);
}

std::string count_of(const admin::json& value) {
  return value.is_null() ? "-" : std::to_string(value.get<std::uint64_t>());
}

std::string duration_of(const admin::json& value) {
  return value.is_null() ? "-" : rough_duration(value.get<double>());
}

std::string rate_of(const admin::json& value) {
  return format("%.1f/s", value.get<double>());
}

std::string share_of(const admin::json& value) {
  return format("%.0f%%", value.get<double>() * 100);
}

std::string time_of(const admin::json& moment) {
  return pull::printable_text(moment.get<std::string>(), longest_cell).substr(11, 8);
}

std::string joined(const admin::json& list) {
  std::string text;
  for (const auto& x : list)
    text += (text.empty() ? "" : ", ") + text_of(x, longest_field);
  return text;
}

std::string rough_duration(double seconds) {
  if (seconds < 0.9995)
    return format("%.0fms", seconds * 1000);
  if (seconds < 59.95)
    return format("%.1fs", seconds);
  const auto whole = std::llround(seconds);
  if (whole < 3600)
    return format("%lldm %02llds", whole / 60, whole % 60);
  if (whole < 86'400)
    return format("%lldh %02lldm", whole / 3600, whole % 3600 / 60);
  return format("%lldd %02lldh", whole / 86'400, whole % 86'400 / 3600);
}

std::string rough_bytes(double bytes) {
  if (bytes < 1000)
    return format("%.0f B", bytes);
  constexpr std::array<const char*, 4> units{"kB", "MB", "GB", "TB"};
  std::size_t unit = 0;
  for (bytes /= 1000; bytes >= 999.95 && unit + 1 < units.size(); ++unit)
    bytes /= 1000;
  return format("%.1f %s", bytes, units[unit]);
}

} // namespace dispatch
