#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "wire/session/cursor.hpp"
#include "wire/session/order_spec.hpp"

namespace dispatch {

/// What all members of a group have in common. The first member says it.
struct group_spec {
  /// Where the group begins: its dataset, its order and its skips too. Its samples can be counted.
  session_cursor start;
  /// Samples that the dataset service is asked to put into a block.
  std::int32_t asked_block = 0;
  std::int64_t batch_size = 1;
  epoch_end ends = epoch_end::uneven;
  /// The first epoch that is not given; nothing: there is none.
  std::optional<std::uint64_t> end_epoch;
  /// Whether an epoch begins only when all batches of the epoch before are settled.
  bool has_barrier = false;
  /// How long a member may give no sign of life on a batch that it holds.
  std::chrono::milliseconds ack_wait{30'000};
  /// A batch that has been delivered so often, and comes back, is parked. 0: it never is.
  std::uint32_t max_deliver = 0;
};

} // namespace dispatch
