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

json rounded(const std::vector<double>& values) {
  auto result = json::array();
  for (const auto value : values)
    result.push_back(rounded(value));
  return result;
}

json row_json(const session_row_report& x) {
  const auto& place = x.place;
  return {{"name", place.name},
          {"shard", {{"index", place.shard_index}, {"count", place.shard_count}}},
          {"dataset", x.dataset},
          {"seed", or_null(place.seed)},
          {"times", x.times},
          {"began_at", moment_text(x.began_at)},
          {"gone_at", x.gone_at ? json(moment_text(*x.gone_at)) : json()},
          {"outcome", text_or_null(x.outcome)},
          {"epoch", place.epoch},
          {"end_epoch", or_null(place.end_epoch)},
          {"step", x.step},
          {"steps", or_null(x.steps)},
          {"position", place.position},
          {"samples", or_null(place.samples)},
          {"batches_per_second", rounded(x.batches_per_second)},
          {"epochs", rounded(x.epochs)}};
}

json sessions_json(const session_history_report& report) {
  auto rows = json::array();
  for (const auto& row : report.rows)
    rows.push_back(row_json(row));
  return {{"step_seconds", 60}, {"ends_at", moment_text(report.ends_at)}, {"rows", std::move(rows)}};
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
  for (const auto& each : report.series)
    all[each.name] = rounded(each.values);
  return {{"step_seconds", report.step.count()},
          {"ends_at", moment_text(report.ends_at)},
          {"series", std::move(all)},
          {"sessions", report.sessions ? sessions_json(*report.sessions) : json()}};
}

} // namespace dispatch::admin
