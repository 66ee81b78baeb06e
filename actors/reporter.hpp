#pragma once

#include "messages/event_log.hpp"
#include "messages/fetcher_pool.hpp"
#include "messages/frame_cache_supervisor.hpp"
#include "messages/listener.hpp"
#include "messages/reporter.hpp"

namespace dispatch {

/// See `reporter_actor`. Asks one part after another, so that the lines of a report stand in the same order each time.
class reporter_state {
public:
  static inline const char* name = "reporter";

  reporter_state(reporter_actor::pointer self, listener_actor listener, frame_cache_supervisor_actor cache,
                 fetcher_pool_actor pool, event_log_ptr log);

  reporter_actor::behavior_type make_behavior();

private:
  void on_write_report();
  void ask_listener();
  void ask_cache();
  void ask_pool();
  /// Each part has answered, or has had its time.
  void finish();

  void write_clients(const listener_stats& stats) const;
  void write_cache(const cache_stats& stats) const;
  void write_upstreams(const pool_stats& stats) const;
  void write_failure(const char* part, const caf::error& problem) const;

  reporter_actor::pointer self_;
  listener_actor listener_;
  frame_cache_supervisor_actor cache_;
  fetcher_pool_actor pool_;
  event_log_ptr log_;
  bool writing_ = false;
  bool wanted_again_ = false;
};

using reporter_impl = reporter_actor::stateful_impl<reporter_state>;

} // namespace dispatch
