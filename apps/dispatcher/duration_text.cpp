#include "apps/dispatcher/duration_text.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

#include "apps/dispatcher/number_text.hpp"

namespace dispatch {

namespace {

using unit = std::pair<std::string_view, std::int64_t>;

constexpr std::array<unit, 4> units{unit{"h", 3'600'000}, unit{"m", 60'000}, unit{"s", 1000}, unit{"ms", 1}};

constexpr std::int64_t longest = std::int64_t{366} * 24 * 3'600'000;

} // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view written) {
  const auto text = without_digit_groups(written);
  std::int64_t number = 0;
  const auto* end = text.data() + text.size();
  const auto [stopped, problem] = std::from_chars(text.data(), end, number);
  // A sign is none of it: -0s is no duration either.
  if (problem != std::errc{} || text.front() == '-')
    return std::nullopt;
  const std::string_view name{stopped, static_cast<std::size_t>(end - stopped)};
  for (const auto& [unit_name, milliseconds] : units) {
    if (name != unit_name && !(name.empty() && unit_name == "s"))
      continue;
    if (number > longest / milliseconds)
      return std::nullopt;
    return std::chrono::milliseconds{number * milliseconds};
  }
  return std::nullopt;
}

std::string to_text(std::chrono::milliseconds duration) {
  if (duration.count() == 0)
    return "0s";
  for (const auto& [unit_name, milliseconds] : units)
    if (duration.count() % milliseconds == 0)
      return std::to_string(duration.count() / milliseconds).append(unit_name);
  return {};
}

} // namespace dispatch
