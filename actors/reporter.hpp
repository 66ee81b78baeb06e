#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "messages/event_log.hpp"
#include "messages/inspector.hpp"
#include "messages/reporter.hpp"

namespace dispatch {

/// See `reporter_actor`. The lines of a report stand in the same order each time.
class reporter_state {
public:
  static inline const char* name = "reporter";

  /// How long the inspector may take to answer: much longer than its own deadline.
  static constexpr std::chrono::seconds answer_timeout{5};

  reporter_state(reporter_actor::pointer self, inspector_actor inspector, event_log_ptr log);

  reporter_actor::behavior_type make_behavior();

private:
  void on_write_report();
  void on_report(const service_report& report);
  void on_no_report(const caf::error& problem);
  void finish();

  void write_clients(const service_report& report) const;
  void write_cache(const cache_report& cache) const;
  void write_upstream(const upstream_report& upstream, std::uint64_t queued) const;
  void write_failure(const std::string& part, const std::string& problem) const;

  reporter_actor::pointer self_;
  inspector_actor inspector_;
  event_log_ptr log_;
  bool writing_ = false;
  bool wanted_again_ = false;
};

using reporter_impl = reporter_actor::stateful_impl<reporter_state>;

} // namespace dispatch
