#pragma once

#include <cstdint>
#include <memory>

#include "messages/batch_provider.hpp"
#include "messages/batch_stream.hpp"
#include "messages/fetcher_pool.hpp"
#include "messages/reports.hpp"

namespace dispatch {

struct get_batch_cache_report {};

struct batch_cache_report {
  actor_report actor;
  cache_report cache;
  /// Null: there is none.
  batch_stream_actor stream;
};

struct get_latest_batch {};

/// The batch that came last, for people to look at.
struct latest_batch {
  std::shared_ptr<const received_batch> batch;
  std::int32_t batch_size = 0;
  dataset_description description;
};

/// Keeps batches, and asks for each that it lacks once, however many consumers want it.
///
/// Owner, lifetime and errors as of a `batch_provider`; errors are never kept.
using batch_cache_actor = batch_provider::extend<
  /// What there is now, and what happened so far.
  caf::result<batch_cache_report>(get_batch_cache_report),
  /// The batch that came last; NOT_FOUND where none has come yet.
  caf::result<latest_batch>(get_latest_batch),
  /// From the pool, which the cache watches.
  caf::result<void>(upstreams_changed), caf::result<void>(upstreams_away)>;

} // namespace dispatch
