#include "actors/count_log.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

namespace dispatch {

namespace {

bool has_answered(const service_report& report, const char* part) {
  return std::find(report.unanswered.begin(), report.unanswered.end(), part) == report.unanswered.end();
}

void write_failure(event_log& log, const std::string& part, const std::string& problem) {
  log.write(severity::error, "report_failed", {{"part", part}, {"message", problem}});
}

void write_clients(event_log& log, const service_report& report) {
  log.write(severity::info, "client_counts",
            {{"clients", report.connected}, {"accepted", report.accepted}, {"refused", report.refused}});
}

void write_cache(event_log& log, const cache_report& cache) {
  log.write(severity::info, "cache_counts",
            {{"hits", cache.hits},
             {"joins", cache.joins},
             {"misses", cache.misses},
             {"streamed", cache.streamed},
             {"evictions", cache.evictions},
             {"frames", cache.batches},
             {"bytes", cache.bytes}});
}

void write_upstream(event_log& log, const upstream_report& upstream, std::uint64_t queued) {
  log.write(severity::info, "upstream_counts",
            {{"upstream", upstream.address},
             {"calls", upstream.calls},
             {"failed_calls", failed_calls(upstream)},
             {"restarts", upstream.restarts},
             {"calls_in_flight", upstream.calls_in_flight},
             {"live_fetchers", live_fetchers(upstream)},
             {"in_flight_limit", upstream.limit},
             {"batches_per_second", upstream.batches_per_second},
             {"queued", queued}});
}

void write_report(event_log& log, const service_report& report) {
  for (const auto& part : report.unanswered)
    write_failure(log, part, "it does not answer");
  if (has_answered(report, "listener"))
    write_clients(log, report);
  if (has_answered(report, "frame_cache"))
    write_cache(log, report.cache);
  for (const auto& upstream : report.upstreams)
    write_upstream(log, upstream, report.queued);
}

} // namespace

void log_counts(caf::actor_system& system, const inspector_actor& inspector, event_log_ptr log) {
  system.spawn<caf::hidden>([inspector, log = std::move(log)](caf::event_based_actor* self) {
    const auto finish = [self, log] {
      log->write(severity::info, "actor_counts", {{"running", self->system().registry().running()}});
    };
    self->request(inspector, count_log_timeout, get_service_report{})
      .then(
        [log, finish](const service_report& report) {
          write_report(*log, report);
          finish();
        },
        [log, finish](const caf::error& problem) {
          write_failure(*log, "inspector", caf::to_string(problem));
          finish();
        });
  });
}

} // namespace dispatch
