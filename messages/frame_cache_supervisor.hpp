#pragma once

#include "messages/frame_cache.hpp"
#include "messages/frame_source.hpp"

namespace dispatch {

/// Names who is told which frame source there is: now, where there is one, and whenever it is another.
struct follow_source {
  source_follower follower;
};

/// Keeps a frame cache running: one that fails is replaced by an empty one after a pause.
///
/// Owner: the service. Lifetime: as long as the service; without it the service stops. Errors: UNAVAILABLE while there
/// is no frame cache.
using frame_cache_supervisor_actor = caf::typed_actor<
  /// There is one follower, the last that was named.
  caf::result<void>(follow_source),
  /// What happened in the frame cache that there is now.
  caf::result<cache_stats>(get_cache_stats)>;

} // namespace dispatch
