#include "actors/frame_cache_supervisor.hpp"

#include <caf/all.hpp>

#include <utility>

namespace dispatch {

frame_cache_supervisor_state::frame_cache_supervisor_state(frame_cache_supervisor_actor::pointer self,
                                                           frame_cache_supervisor_options options,
                                                           fetcher_pool_actor pool, event_log_ptr log)
  : self_(self),
    options_(options),
    pool_(std::move(pool)),
    log_(std::move(log)),
    restarts_(options.restart),
    random_(options.seed),
    started_at_(now()),
    metrics_(self->system().metrics()) {}

frame_cache_supervisor_state::~frame_cache_supervisor_state() {
  // Clients hold the cache as well, so letting go of it is not enough.
  if (cache_ != nullptr)
    caf::anon_send_exit(cache_, caf::exit_reason::user_shutdown);
}

frame_cache_supervisor_actor::behavior_type frame_cache_supervisor_state::make_behavior() {
  self_->set_down_handler([this](const caf::down_msg& msg) { on_cache_down(msg.reason); });
  start_cache();
  return {
    [this](const follow_source& request) { on_follow(request); },
    [this](get_cache_report) { return on_get_report(); },
    [this](get_latest_batch) { return on_get_latest(); },
  };
}

void frame_cache_supervisor_state::start_cache() {
  cache_started_at_ = now();
  cache_ = self_->spawn<frame_cache_impl>(options_.cache, pool_, log_);
  self_->monitor(cache_);
  log_->write(severity::info, "frame_cache_ready", {{"capacity_bytes", options_.cache.capacity_bytes}});
  tell_follower();
}

void frame_cache_supervisor_state::on_cache_down(const caf::error& reason) {
  cache_ = nullptr;
  const auto healthy_for = std::chrono::duration_cast<std::chrono::milliseconds>(now() - cache_started_at_);
  const auto delay = restarts_.next(healthy_for, 0, std::uniform_real_distribution<double>{0.0, 1.0}(random_));
  log_->write(
    severity::error, "frame_cache_failed",
    {{"message", caf::to_string(reason)}, {"restart_in_ms", delay.count()}, {"failures", restarts_.failures()}});
  self_->run_delayed(delay, [this] {
    metrics_.restarts->inc();
    start_cache();
  });
}

void frame_cache_supervisor_state::on_follow(const follow_source& request) {
  follower_ = request.follower;
  tell_follower();
}

void frame_cache_supervisor_state::tell_follower() {
  if (follower_ != nullptr && cache_ != nullptr)
    self_->send(follower_, source_ready{cache_});
}

cache_supervisor_report frame_cache_supervisor_state::on_get_report() {
  cache_supervisor_report result;
  result.actor = row_of(self_, name, cache_ != nullptr ? "watching" : "restarting", started_at_);
  result.frame_cache = cache_;
  auto& cache = result.cache;
  cache.up = cache_ != nullptr;
  cache.capacity_bytes = options_.cache.capacity_bytes;
  cache.hits = count_of(metrics_.hits);
  cache.joins = count_of(metrics_.joins);
  cache.misses = count_of(metrics_.misses);
  cache.streamed = count_of(metrics_.streamed);
  cache.evictions = count_of(metrics_.evictions);
  cache.evicted_bytes = count_of(metrics_.evicted_bytes);
  cache.restarts = count_of(metrics_.restarts);
  return result;
}

caf::result<latest_batch> frame_cache_supervisor_state::on_get_latest() {
  if (cache_ == nullptr)
    return make_error(failure{status_code::unavailable, "the frame cache is being restarted"});
  return self_->delegate(cache_, get_latest_batch{});
}

frame_cache_supervisor_state::clock::time_point frame_cache_supervisor_state::now() const {
  return self_->clock().now();
}

} // namespace dispatch
