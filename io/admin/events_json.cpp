#include "io/admin/events_json.hpp"

#include <charconv>

namespace dispatch::admin {

namespace {

/// Between a run and a number.
constexpr auto separator = '-';

const char* name_of(severity level) {
  switch (level) {
  case severity::debug:
    return "debug";
  case severity::info:
    return "info";
  case severity::warning:
    return "warning";
  case severity::error:
    break;
  }
  return "error";
}

} // namespace

json to_json(const past_event& event) {
  auto fields = json::object();
  for (const auto& [key, value] : event.fields)
    fields[key] = std::visit([](const auto& x) { return json(x); }, value);
  return {{"seq", event.seq},
          {"time", moment_text(event.time)},
          {"level", name_of(event.level)},
          {"event", event.name},
          {"fields", std::move(fields)}};
}

json events_json(const std::vector<past_event>& events, std::uint64_t before) {
  auto list = json::array();
  for (const auto& event : events)
    list.push_back(to_json(event));
  return {{"next", events.empty() ? before : events.back().seq}, {"events", std::move(list)}};
}

std::string to_sse(const past_event& event, const std::string& run) {
  return "id: " + run + separator + std::to_string(event.seq) + "\ndata: " + to_text(to_json(event)) + "\n\n";
}

std::uint64_t seen_seq(std::string_view id, std::string_view run) {
  const auto end = id.rfind(separator);
  if (end != std::string_view::npos && id.substr(0, end) != run)
    return 0;
  const auto number = id.substr(end == std::string_view::npos ? 0 : end + 1);
  std::uint64_t seq = 0;
  std::from_chars(number.data(), number.data() + number.size(), seq);
  return seq;
}

} // namespace dispatch::admin
