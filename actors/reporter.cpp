#include "actors/reporter.hpp"

#include <caf/all.hpp>

#include <chrono>
#include <utility>

namespace dispatch {

namespace {

/// How long a part may take to answer.
constexpr std::chrono::seconds answer_timeout{5};

} // namespace

reporter_state::reporter_state(reporter_actor::pointer self, listener_actor listener,
                               frame_cache_supervisor_actor cache, fetcher_pool_actor pool, event_log_ptr log)
  : self_(self),
    listener_(std::move(listener)),
    cache_(std::move(cache)),
    pool_(std::move(pool)),
    log_(std::move(log)) {}

reporter_actor::behavior_type reporter_state::make_behavior() {
  return {
    [this](write_report) { on_write_report(); },
  };
}

void reporter_state::on_write_report() {
  if (std::exchange(writing_, true))
    wanted_again_ = true;
  else
    ask_listener();
}

void reporter_state::ask_listener() {
  self_->request(listener_, answer_timeout, get_listener_stats{})
    .then(
      [this](const listener_stats& stats) {
        write_clients(stats);
        ask_cache();
      },
      [this](const caf::error& problem) {
        write_failure("listener", problem);
        ask_cache();
      });
}

void reporter_state::ask_cache() {
  self_->request(cache_, answer_timeout, get_cache_stats{})
    .then(
      [this](const cache_stats& stats) {
        write_cache(stats);
        ask_pool();
      },
      [this](const caf::error& problem) {
        write_failure("frame_cache", problem);
        ask_pool();
      });
}

void reporter_state::ask_pool() {
  self_->request(pool_, answer_timeout, get_pool_stats{})
    .then(
      [this](const pool_stats& stats) {
        write_upstreams(stats);
        finish();
      },
      [this](const caf::error& problem) {
        write_failure("fetcher_pool", problem);
        finish();
      });
}

void reporter_state::finish() {
  log_->write(severity::info, "actor_counts", {{"running", self_->system().registry().running()}});
  writing_ = false;
  if (std::exchange(wanted_again_, false))
    on_write_report();
}

void reporter_state::write_clients(const listener_stats& stats) const {
  log_->write(severity::info, "client_counts",
              {{"clients", stats.clients}, {"accepted", stats.accepted}, {"refused", stats.refused}});
}

void reporter_state::write_cache(const cache_stats& stats) const {
  log_->write(severity::info, "cache_counts",
              {{"hits", stats.hits},
               {"joins", stats.joins},
               {"misses", stats.misses},
               {"streamed", stats.streamed},
               {"evictions", stats.evictions},
               {"frames", stats.frames},
               {"bytes", stats.bytes}});
}

void reporter_state::write_upstreams(const pool_stats& stats) const {
  for (const auto& upstream : stats.upstreams)
    log_->write(severity::info, "upstream_counts",
                {{"upstream", upstream.address},
                 {"calls", upstream.calls},
                 {"failed_calls", upstream.failed_calls},
                 {"restarts", upstream.restarts},
                 {"calls_in_flight", upstream.calls_in_flight},
                 {"live_fetchers", upstream.live_fetchers},
                 {"in_flight_limit", upstream.in_flight_limit},
                 {"batches_per_second", upstream.batches_per_second},
                 {"queued", stats.queued}});
}

void reporter_state::write_failure(const char* part, const caf::error& problem) const {
  log_->write(severity::error, "report_failed", {{"part", part}, {"message", caf::to_string(problem)}});
}

} // namespace dispatch
