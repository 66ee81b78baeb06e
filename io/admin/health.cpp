#include "io/admin/health.hpp"

#include <algorithm>
#include <array>

namespace dispatch::admin {

namespace {

constexpr std::array<const char*, 5> parts{"server", "listener", "frame_cache", "order_directory", "fetcher_pool"};

bool answered(const health_report& report, const char* part) {
  return std::find(report.unanswered.begin(), report.unanswered.end(), part) == report.unanswered.end();
}

} // namespace

verdict health_of(const health_report& report) {
  verdict result;
  for (const auto& part : report.unanswered)
    result.reasons.push_back(part + " does not answer");
  result.good = result.reasons.empty();
  return result;
}

verdict readiness_of(const health_report& report) {
  auto result = health_of(report);
  if (report.draining)
    result.reasons.emplace_back("draining");
  else if (!report.accepting && answered(report, "listener"))
    result.reasons.emplace_back("no connections are accepted");
  if (report.upstreams_up == 0 && answered(report, "fetcher_pool")) {
    result.reasons.emplace_back("no upstream is up");
    result.reasons.insert(result.reasons.end(), report.upstream_failures.begin(), report.upstream_failures.end());
  }
  // Those that are up have said so.
  if (report.upstreams_up > 0 && !report.unknown_dataset.empty())
    result.reasons.push_back(report.unknown_dataset);
  result.good = result.reasons.empty();
  return result;
}

verdict readiness_of(const service_report& report) {
  return readiness_of(dispatch::health_of(report));
}

verdict no_answer() {
  return {false, {"inspector does not answer"}};
}

json verdict_json(const verdict& x, const health_report* report) {
  json states{{"inspector", report != nullptr ? "ok" : "no_answer"}};
  if (report != nullptr)
    for (const auto* part : parts)
      states[part] = answered(*report, part) ? "ok" : "no_answer";
  return {{"status", x.good ? "ok" : "failing"}, {"reasons", x.reasons}, {"parts", std::move(states)}};
}

} // namespace dispatch::admin
