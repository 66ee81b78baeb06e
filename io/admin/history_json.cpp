#include "io/admin/history_json.hpp"

#include <charconv>
#include <cmath>

namespace dispatch::admin {

namespace {

constexpr std::chrono::seconds default_span{3600};
constexpr std::chrono::seconds longest_span{7 * 24 * 3600};

/// Four digits are more than a chart shows, and a week of them is sent at a time.
json rounded(double value) {
  if (std::isnan(value))
    return json();
  if (value == 0)
    return 0;
  const auto scale = std::pow(10.0, 3 - std::floor(std::log10(std::abs(value))));
  return std::round(value * scale) / scale;
}

} // namespace

std::optional<std::chrono::seconds> span_of(const std::string& text) {
  if (text.empty())
    return default_span;
  int seconds = 0;
  const auto* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, seconds);
  if (read.ec != std::errc{} || read.ptr != end || seconds < 1 || seconds > longest_span.count())
    return std::nullopt;
  return std::chrono::seconds{seconds};
}

json history_json(const history_report& report) {
  auto all = json::object();
  for (const auto& each : report.series) {
    auto values = json::array();
    for (const auto value : each.values)
      values.push_back(rounded(value));
    all[each.name] = std::move(values);
  }
  return {{"step_seconds", report.step.count()}, {"ends_at", moment_text(report.ends_at)}, {"series", std::move(all)}};
}

} // namespace dispatch::admin
