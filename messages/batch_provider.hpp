#pragma once

#include <caf/typed_actor.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "messages/batch_key.hpp"
#include "messages/status_code.hpp"
#include "messages/type_ids.hpp"
#include "wire/batch.hpp"
#include "wire/batch_layout.hpp"
#include "wire/dataset_description.hpp"

namespace dispatch {

/// When a request is to be answered at the latest, in time that was run (`run_clock`). It goes with the request from
/// the consumer's actor to the pool.
using deadline = std::chrono::steady_clock::time_point;

inline constexpr deadline no_deadline = deadline::max();

struct describe_dataset {
  std::string dataset;
  deadline until = no_deadline;
};

/// Batches that were wanted, in any order.
struct batches_arrived {
  std::vector<batch_ptr> batches;
};

/// A batch that was wanted cannot be had.
struct batch_failed {
  std::int32_t index = 0;
  failure reason;
};

/// The actor that batches are for.
using batch_taker_actor = caf::typed_actor<
  /// Those that were at hand, or those that have come since.
  caf::result<void>(batches_arrived),
  /// This one will not come.
  caf::result<void>(batch_failed)>;

/// The question for batches [first, first + count).
struct want_batches {
  batch_taker_actor taker;
  batch_key first;
  std::int32_t count = 1;
  deadline until = no_deadline;
  /// Whether what the dataset service sent is to be there, and not the classic text alone.
  bool needs_received = false;
};

/// The source of all batches. A consumer's actor asks it and does not know what stands behind.
///
/// Owner: the service. Lifetime: as long as the service; without it the service stops. Errors: `status_code` with a
/// message for people; a failure of the upstream is only answered after it was retried, and UNAVAILABLE at the
/// deadline. The questions of a taker that is down are dropped.
using batch_provider = caf::typed_actor<
  /// What is known of a dataset.
  caf::result<dataset_description>(describe_dataset),
  /// Each of the batches is answered once: those at hand together and at once, the others as they come.
  caf::result<void>(want_batches)>;

} // namespace dispatch
