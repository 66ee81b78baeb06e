#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "wire/group/group_spec.hpp"
#include "wire/group/group_sync.hpp"

/// @file
/// What the store keeps of a group. Times are those of the store's clock.

namespace dispatch {

using store_time = std::chrono::time_point<std::chrono::system_clock, std::chrono::milliseconds>;

/// A group, without what is out.
struct group_record {
  std::string name;
  group_spec spec;
  /// Counts how often the group was set to another place, from 1.
  std::int64_t generation = 1;
  /// The first run that no dispatcher has had.
  group_run next;
  /// Of the next lease.
  std::int64_t next_token = 1;
  /// Batches, since the generation began.
  std::uint64_t acked = 0;
  std::uint64_t parked = 0;
  std::uint64_t redelivered = 0;
  /// The dispatcher that has last wanted batches when there were none, and until when that counts.
  std::string short_dispatcher;
  store_time short_until{};
};

/// A lease and its dispatcher. A batch without a lease was never given to a dispatcher, or is settled.
struct lease_record {
  run_lease lease;
  /// Empty: none has it.
  std::string dispatcher;
  store_time expires_at{};
  /// Which members have how many of its batches, in words for people.
  std::string members;
};

/// A group and everything that is out, by the tokens of the leases.
struct kept_group {
  group_record group;
  std::map<std::int64_t, lease_record> leases;
};

/// A group, and how many leases it has: none where all that dispatchers were given is settled.
struct listed_group {
  group_record group;
  std::size_t leases = 0;
};

} // namespace dispatch
