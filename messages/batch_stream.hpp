#pragma once

#include <cstdint>
#include <string>

#include "messages/batch_provider.hpp"
#include "messages/batch_source.hpp"
#include "messages/reports.hpp"

namespace dispatch {

/// One pass over a dataset in one call.
struct open_stream {
  std::string dataset;
  /// Samples in a batch.
  std::int32_t batch_size = 0;
  /// As in a `batch_key`.
  dispatch::fingerprint fingerprint{};
};

struct next_batch {};

/// One pass over a dataset in one call to an upstream, over a connection that it shares with a fetcher. It reads no
/// further than it is asked to.
///
/// Owner: the actor that opened it, and it ends when its owner ends it or is down. Lifetime: until its upstream ends
/// the call; after the last batch it quits normally. Errors: OUT_OF_RANGE behind the last batch; otherwise how the call
/// ended. What is not answered when it quits is answered by CAF with a broken promise.
using batch_stream_actor = caf::typed_actor<
  /// The next batch of the pass. Several requests are answered in their order.
  caf::result<batch_ptr>(next_batch),
  /// Its state is `idle` or `reading`.
  caf::result<actor_report>(get_actor_report)>::extend_with<batch_result_sink>;

} // namespace dispatch
