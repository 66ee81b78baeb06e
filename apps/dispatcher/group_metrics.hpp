#pragma once

#include <string>

#include "messages/inspector.hpp"

namespace dispatch {

/// The metrics of the store and of all groups with members here, as Prometheus reads them (docs/metrics.md). They are
/// not in CAF's registry, which never forgets a series: names of groups come and go for as long as the process runs.
std::string group_metrics(const service_report& report);

} // namespace dispatch
