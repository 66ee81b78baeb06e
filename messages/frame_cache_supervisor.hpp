#pragma once

#include "messages/frame_cache.hpp"
#include "messages/frame_source.hpp"

namespace dispatch {

/// Names who is told which frame source there is: now, where there is one, and whenever it is another.
struct follow_source {
  source_follower follower;
};

struct get_cache_report {};

template <class Inspector>
bool inspect(Inspector& f, get_cache_report& x) {
  return f.object(x).fields();
}

struct cache_supervisor_report {
  actor_report actor;
  /// Without what only the frame cache knows: how much is in it.
  cache_report cache;
  /// Null between two lives.
  frame_cache_actor frame_cache;
};

/// Keeps a frame cache running: one that fails is replaced by an empty one after a pause.
///
/// Owner: the service. Lifetime: as long as the service; without it the service stops. Errors: UNAVAILABLE while there
/// is no frame cache.
using frame_cache_supervisor_actor = caf::typed_actor<
  /// There is one follower, the last that was named.
  caf::result<void>(follow_source),
  /// What happened in all frame caches so far. Does not ask the one that there is now.
  caf::result<cache_supervisor_report>(get_cache_report),
  /// As a frame cache.
  caf::result<latest_batch>(get_latest_batch)>;

} // namespace dispatch
