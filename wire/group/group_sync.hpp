#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "wire/group/group_batch.hpp"

/// @file
/// What a dispatcher and the store tell each other of a group, a few times a second.

namespace dispatch {

/// How often a batch of a run was tried by members, where that is not once for a batch that a member may have had.
struct delivery_count {
  int bit = 0;
  std::uint32_t deliveries = 0;

  friend bool operator==(delivery_count a, delivery_count b) { return a.bit == b.bit && a.deliveries == b.deliveries; }
};

/// The right of one dispatcher to batches of a run, until it expires or is given back.
struct run_lease {
  /// Names the lease in its group, and is never given twice.
  std::int64_t token = 0;
  group_run run;
  batch_mask batches = 0;
  /// Those that are acknowledged or parked.
  batch_mask settled = 0;
  /// Those that a member may have been given before.
  batch_mask touched = 0;
  std::vector<delivery_count> deliveries;
};

/// Batches of one run.
struct run_batches {
  group_run run;
  batch_mask batches = 0;
};

/// A batch that is delivered no more.
struct parked_batch {
  group_batch batch;
  std::uint32_t deliveries = 0;
  /// The member that had it last.
  std::string member;
};

/// What a dispatcher says of a lease that it has.
struct held_lease {
  std::int64_t token = 0;
  batch_mask touched = 0;
  std::vector<delivery_count> deliveries;
  /// Batches that it gives back.
  batch_mask returned = 0;
  /// Which members have how many of the batches, in words for people.
  std::string members;
};

/// For how long a dispatcher may count on its leases after each sync. The store renews a lease only when less than that
/// is left of its time: so leases of which nothing else changes are not written at each sync.
constexpr std::chrono::milliseconds sure_time(std::chrono::milliseconds lease_ttl) noexcept {
  return lease_ttl * 2 / 3;
}

/// What a dispatcher tells the store of a group, and asks of it. An answer that was lost does no harm: all but
/// `redelivered`, which is for people, may be said twice.
struct group_sync {
  std::string group;
  std::int64_t generation = 1;
  /// Names this run of this dispatcher.
  std::string dispatcher;
  /// How long its leases last, at most.
  std::chrono::milliseconds lease_ttl{10'000};
  /// All leases that it has. Those that it does not name here are given to it again.
  std::vector<held_lease> leases;
  std::vector<run_batches> acked;
  std::vector<parked_batch> parked;
  /// Batches that were delivered again, since the last sync.
  std::uint64_t redelivered = 0;
  /// Batches that it could hand out beyond those that it has.
  std::int64_t wanted = 0;
  /// Whether a client waits until all this is kept.
  bool is_awaited = false;
};

/// Batches of a run that another dispatcher has, or none.
struct open_batches {
  /// Empty: no dispatcher has them.
  std::string dispatcher;
  group_run run;
  batch_mask batches = 0;
  std::string members;
};

/// How far a group is.
struct group_progress {
  std::int64_t generation = 1;
  /// The first run that no dispatcher has had.
  group_run next;
  /// The first epoch in which a batch is neither acknowledged nor parked.
  std::uint64_t open_epoch = 0;
  /// Whether all epochs are over.
  bool is_over = false;
  /// Batches, since the generation began.
  std::uint64_t acked = 0;
  std::uint64_t parked = 0;
  std::uint64_t redelivered = 0;
};

/// What the store answers.
struct group_synced {
  group_progress progress;
  std::vector<run_lease> granted;
  /// Leases that this dispatcher has no more: they had expired, and others have their batches now, or all of their
  /// batches are settled.
  std::vector<std::int64_t> lost;
  /// Settled batches of the leases that it has, from any dispatcher.
  std::vector<run_batches> settled;
  /// What others have of the epochs that are not over; at most a few.
  std::vector<open_batches> elsewhere;
  /// Whether another dispatcher has members that wait for batches, and there are none.
  bool is_short = false;
};

} // namespace dispatch
