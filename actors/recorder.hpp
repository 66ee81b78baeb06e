#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "actors/metrics.hpp"
#include "actors/policy/series_history.hpp"
#include "messages/inspector.hpp"

namespace dispatch {

/// Records once a second what the metrics say of all consumers and of the log, for `/history`.
class recorder {
public:
  /// @param registry outlives it
  recorder(caf::telemetry::metric_registry& registry, std::chrono::steady_clock::time_point now);

  /// Records what has happened since the last time.
  /// @param now for lengths
  /// @param at the same for people
  void sample(std::chrono::steady_clock::time_point now, std::chrono::system_clock::time_point at);

  /// The last `span`, up to `at`.
  history_report report(std::chrono::seconds span, std::chrono::system_clock::time_point at) const;

private:
  /// What the counters have counted.
  struct totals {
    double batches = 0;
    double bytes = 0;
    double waited_for_upstream = 0;
    double waited_for_encoding = 0;
    double waited_for_socket = 0;
    double warnings = 0;
    double errors = 0;
  };

  totals count() const;
  double connected() const;

  client_metrics clients_;
  listener_metrics listener_;
  event_metrics events_;
  policy::series_history history_;
  std::chrono::steady_clock::time_point last_at_;
  totals last_;
};

} // namespace dispatch
