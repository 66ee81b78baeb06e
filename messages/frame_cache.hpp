#pragma once

#include <cstdint>

#include "messages/frame_source.hpp"

namespace dispatch {

struct get_cache_stats {};

template <class Inspector>
bool inspect(Inspector& f, get_cache_stats& x) {
  return f.object(x).fields();
}

/// Counts of frames since the start, and what is there now.
struct cache_stats {
  /// Were there.
  std::uint64_t hits = 0;
  /// Were being fetched for somebody else.
  std::uint64_t joins = 0;
  /// Had to be fetched.
  std::uint64_t misses = 0;
  /// Came by streams, wanted or not.
  std::uint64_t streamed = 0;
  std::uint64_t evictions = 0;
  std::uint64_t evicted_bytes = 0;
  std::uint64_t frames = 0;
  std::uint64_t bytes = 0;
  std::uint64_t capacity_bytes = 0;
};

template <class Inspector>
bool inspect(Inspector& f, cache_stats& x) {
  return f.object(x).fields(f.field("hits", x.hits), f.field("joins", x.joins), f.field("misses", x.misses),
                            f.field("streamed", x.streamed), f.field("evictions", x.evictions),
                            f.field("evicted_bytes", x.evicted_bytes), f.field("frames", x.frames),
                            f.field("bytes", x.bytes), f.field("capacity_bytes", x.capacity_bytes));
}

/// Keeps encoded frames, and asks for each that it lacks once, however many want it.
///
/// Owner: the frame cache supervisor. Lifetime: until it fails. Errors: as a `frame_source`; they are never kept.
using frame_cache_actor = frame_source::extend<
  /// What happened so far.
  caf::result<cache_stats>(get_cache_stats)>;

} // namespace dispatch
