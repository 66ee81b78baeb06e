#pragma once

#include <chrono>
#include <cstdint>
#include <random>

#include "actors/frame_cache.hpp"
#include "actors/metrics.hpp"
#include "actors/policy/backoff.hpp"
#include "messages/event_log.hpp"
#include "messages/fetcher_pool.hpp"
#include "messages/frame_cache_supervisor.hpp"

namespace dispatch {

struct frame_cache_supervisor_options {
  frame_cache_options cache;
  policy::backoff::options restart;
  /// For jitter.
  std::uint64_t seed = 0;
};

/// See `frame_cache_supervisor_actor`. When a frame cache comes back is decided by `policy::backoff`. It stands beside
/// the frame cache and not before it: requests go to the cache directly.
class frame_cache_supervisor_state {
public:
  static inline const char* name = "frame_cache_supervisor";

  frame_cache_supervisor_state(frame_cache_supervisor_actor::pointer self, frame_cache_supervisor_options options,
                               fetcher_pool_actor pool, event_log_ptr log);

  ~frame_cache_supervisor_state();

  frame_cache_supervisor_state(const frame_cache_supervisor_state&) = delete;
  frame_cache_supervisor_state& operator=(const frame_cache_supervisor_state&) = delete;

  frame_cache_supervisor_actor::behavior_type make_behavior();

private:
  using clock = std::chrono::steady_clock;

  void on_follow(const follow_source& request);
  cache_supervisor_report on_get_report();
  caf::result<latest_batch> on_get_latest();
  void on_cache_down(const caf::error& reason);

  void start_cache();
  void tell_follower();
  clock::time_point now() const;

  frame_cache_supervisor_actor::pointer self_;
  frame_cache_supervisor_options options_;
  fetcher_pool_actor pool_;
  event_log_ptr log_;
  policy::backoff restarts_;
  std::mt19937_64 random_;
  /// Null between two lives.
  frame_cache_actor cache_;
  /// The frame cache, and itself.
  clock::time_point cache_started_at_;
  clock::time_point started_at_;
  cache_metrics metrics_;
  source_follower follower_;
};

using frame_cache_supervisor_impl = frame_cache_supervisor_actor::stateful_impl<frame_cache_supervisor_state>;

} // namespace dispatch
