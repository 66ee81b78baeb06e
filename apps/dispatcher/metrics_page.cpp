#include "apps/dispatcher/metrics_page.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "apps/dispatcher/group_metrics.hpp"
#include "io/admin/health.hpp"

namespace dispatch {

namespace {

using replacement = std::pair<std::string_view, std::string_view>;

/// Beginnings of lines.
constexpr std::array<replacement, 4> replacements{
  replacement{"# TYPE process_cpu_seconds_total gauge", "# TYPE process_cpu_seconds_total counter"},
  replacement{"# HELP caf_system_queued_messages_total ", "# HELP caf_system_queued_messages "},
  replacement{"# TYPE caf_system_queued_messages_total ", "# TYPE caf_system_queued_messages "},
  replacement{"caf_system_queued_messages_total ", "caf_system_queued_messages "}};

bool starts_with(std::string_view text, std::string_view beginning) {
  return text.substr(0, beginning.size()) == beginning;
}

} // namespace

std::string put_right(std::string_view exported) {
  std::string result;
  result.reserve(exported.size());
  while (!exported.empty()) {
    const auto end = std::min(exported.find('\n'), exported.size() - 1);
    auto line = exported.substr(0, end);
    exported.remove_prefix(end + 1);
    if (!starts_with(line, "#"))
      line = line.substr(0, line.rfind(' '));
    const auto* wrong = std::find_if(replacements.begin(), replacements.end(),
                                     [&](const replacement& x) { return starts_with(line, x.first); });
    if (wrong != replacements.end()) {
      result.append(wrong->second);
      line.remove_prefix(wrong->first.size());
    }
    result.append(line).append("\n");
  }
  return result;
}

metrics_page::metrics_page(caf::telemetry::metric_registry& registry, std::string_view version)
  : registry_(registry),
    gauges_(registry, version),
    process_(registry) {}

std::string metrics_page::write(const service_report* report) {
  const std::lock_guard guard{mutex_};
  if (report != nullptr)
    gauges_.publish(*report);
  // The rule of /readyz.
  gauges_.publish_ready(report != nullptr && admin::readiness_of(*report).good);
  process_.update();
  const auto text = collector_.collect_from(registry_);
  auto result = put_right({text.data(), text.size()});
  if (report != nullptr)
    result += group_metrics(*report);
  return result;
}

} // namespace dispatch
