#include "actors/reporter.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <utility>

namespace dispatch {

namespace {

bool has_answered(const service_report& report, const char* part) {
  return std::find(report.unanswered.begin(), report.unanswered.end(), part) == report.unanswered.end();
}

} // namespace

reporter_state::reporter_state(reporter_actor::pointer self, inspector_actor inspector, event_log_ptr log)
  : self_(self),
    inspector_(std::move(inspector)),
    log_(std::move(log)) {}

reporter_actor::behavior_type reporter_state::make_behavior() {
  return {
    [this](write_report) { on_write_report(); },
  };
}

void reporter_state::on_write_report() {
  if (std::exchange(writing_, true)) {
    wanted_again_ = true;
    return;
  }
  self_->request(inspector_, answer_timeout, get_service_report{})
    .then([this](const service_report& report) { on_report(report); },
          [this](const caf::error& problem) { on_no_report(problem); });
}

void reporter_state::on_report(const service_report& report) {
  for (const auto& part : report.unanswered)
    write_failure(part, "it does not answer");
  if (has_answered(report, "listener"))
    write_clients(report);
  if (has_answered(report, "frame_cache"))
    write_cache(report.cache);
  for (const auto& upstream : report.upstreams)
    write_upstream(upstream, report.queued);
  finish();
}

void reporter_state::on_no_report(const caf::error& problem) {
  write_failure("inspector", caf::to_string(problem));
  finish();
}

void reporter_state::finish() {
  log_->write(severity::info, "actor_counts", {{"running", self_->system().registry().running()}});
  writing_ = false;
  if (std::exchange(wanted_again_, false))
    on_write_report();
}

void reporter_state::write_clients(const service_report& report) const {
  log_->write(severity::info, "client_counts",
              {{"clients", report.connected}, {"accepted", report.accepted}, {"refused", report.refused}});
}

void reporter_state::write_cache(const cache_report& cache) const {
  log_->write(severity::info, "cache_counts",
              {{"hits", cache.hits},
               {"joins", cache.joins},
               {"misses", cache.misses},
               {"streamed", cache.streamed},
               {"evictions", cache.evictions},
               {"frames", cache.frames},
               {"bytes", cache.bytes}});
}

void reporter_state::write_upstream(const upstream_report& upstream, std::uint64_t queued) const {
  log_->write(severity::info, "upstream_counts",
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

void reporter_state::write_failure(const std::string& part, const std::string& problem) const {
  log_->write(severity::error, "report_failed", {{"part", part}, {"message", problem}});
}

} // namespace dispatch
