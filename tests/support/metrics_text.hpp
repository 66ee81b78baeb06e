#pragma once

#include <caf/telemetry/collector/prometheus.hpp>
#include <caf/telemetry/metric_registry.hpp>
#include <caf/test/unit_test.hpp>

#include <cstdint>
#include <sstream>
#include <string>

namespace dispatch::test {

/// All metrics of a registry, as a scraper gets them.
inline std::string metrics_text(const caf::telemetry::metric_registry& registry) {
  caf::telemetry::collector::prometheus collector;
  const auto view = collector.collect_from(registry);
  return {view.data(), view.size()};
}

/// The sum of the counters whose lines begin with `name`: all of a family, or one that is named with its labels.
inline std::int64_t counted(const caf::telemetry::metric_registry& registry, const std::string& name) {
  std::istringstream lines{metrics_text(registry)};
  std::int64_t sum = 0;
  auto is_there = false;
  for (std::string line; std::getline(lines, line);)
    if (line.rfind(name + '{', 0) == 0 || line.rfind(name + ' ', 0) == 0) {
      sum += std::stoll(line.substr(line.find(' ', name.size())));
      is_there = true;
    }
  if (!is_there)
    CAF_FAIL("there is no metric " << name);
  return sum;
}

} // namespace dispatch::test
