#pragma once

#include <chrono>

#include "actors/pool/calls.hpp"
#include "actors/pool/connections.hpp"
#include "actors/pool/core.hpp"
#include "actors/pool/dataset_probes.hpp"
#include "actors/pool/descriptions.hpp"
#include "actors/pool/fetcher_slots.hpp"
#include "actors/pool/refusals.hpp"
#include "actors/pool/requests.hpp"
#include "actors/pool/streams.hpp"
#include "actors/pool/upstream_names.hpp"

namespace dispatch {

/// See `fetcher_pool_actor`. Routes messages to the parts of the pool (`actors/pool/`): what is asked (`requests`), the
/// calls that are made for it (`calls`), the fetchers that make them (`fetcher_slots`) and their connections
/// (`connections`), and what is known of the upstreams (`upstream`, `descriptions`, `refusals`). Decisions are made in
/// `actors/policy/`.
class fetcher_pool_state {
public:
  static inline const char* name = "fetcher_pool";

  fetcher_pool_state(fetcher_pool_actor::pointer self, pool_options options, batch_source_factory sources,
                     event_log_ptr log);

  fetcher_pool_actor::behavior_type make_behavior();

private:
  caf::result<described_dataset> on_describe(describe_dataset& request);
  caf::result<batch_ptr> on_fetch(fetch_batch& request);
  void on_stream_broke(const stream_broke& which);
  void on_watch(const watch_upstreams& request);
  void note_changed();
  /// Finds out now whether upstreams that are away are there again.
  void look_again();
  void note_away();
  pool_report on_get_report() const;
  void on_down(const caf::down_msg& msg);
  void on_ready(policy::upstream_id upstream);
  policy::upstream_id on_address_added(const std::string& address, const std::string& name);
  void on_address_removed(policy::upstream_id upstream);
  void on_tick();

  fetcher_pool_actor::pointer self_;
  pool::core core_;
  pool::refusals refusals_;
  pool::requests requests_;
  pool::connections connections_;
  pool::fetcher_slots slots_;
  pool::descriptions descriptions_;
  pool::streams streams_;
  pool::calls calls_;
  pool::dataset_probes dataset_probes_;
  pool::upstream_names names_;
  /// Told of new connections and outages; null before it has asked for that.
  upstream_watcher_actor watcher_;
  std::chrono::steady_clock::time_point started_at_;
};

using fetcher_pool_impl = fetcher_pool_actor::stateful_impl<fetcher_pool_state>;

} // namespace dispatch
