#pragma once

#include <caf/telemetry/collector/prometheus.hpp>
#include <caf/telemetry/importer/process.hpp>
#include <caf/telemetry/metric_registry.hpp>

#include <mutex>
#include <string>
#include <string_view>

#include "actors/metrics.hpp"
#include "messages/inspector.hpp"

namespace dispatch {

/// Puts right what CAF's exporter writes. Its samples have times, with which Prometheus keeps a series for minutes
/// after it is gone. And two of its gauges are named like counters: the processor time, which is a counter; and the
/// messages in all mailboxes, which are not.
std::string put_right(std::string_view exported);

/// Writes all metrics of a registry as Prometheus reads them. Safe to use from all threads.
class metrics_page {
public:
  /// @param registry outlives this
  metrics_page(caf::telemetry::metric_registry& registry, std::string_view version);

  /// @param report what is so now; nothing: not known. The service is then not ready, and other gauges stay as they
  /// were
  std::string write(const service_report* report);

private:
  std::mutex mutex_;
  caf::telemetry::metric_registry& registry_;
  service_gauges gauges_;
  caf::telemetry::importer::process process_;
  caf::telemetry::collector::prometheus collector_;
};

} // namespace dispatch
