#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/group/group_spec.hpp"

/// @file
/// A group as people see it. Places are an epoch and a position in samples, as in the lines of `batch` messages.

namespace dispatch {

/// A group in short.
struct group_summary {
  std::string name;
  std::string dataset;
  std::int64_t generation = 1;
  /// Whether all batches of all epochs are acknowledged or parked.
  bool is_over = false;
  /// The place of the first batch that no dispatcher has had.
  std::uint64_t epoch = 0;
  std::int64_t position = 0;
  /// The first epoch that is not given; nothing: there is none.
  std::optional<std::uint64_t> end_epoch;
  /// Batches, since the generation began.
  std::uint64_t acked = 0;
  std::uint64_t parked = 0;
  std::uint64_t redelivered = 0;
};

/// Batches of a run that a dispatcher was given, and that are neither acknowledged nor parked.
struct batches_out {
  std::uint64_t epoch = 0;
  /// Of the first of them.
  std::int64_t position = 0;
  int batches = 0;
  /// How many of them a member may have had.
  int touched = 0;
  /// Empty: no dispatcher has them.
  std::string dispatcher;
  /// Until the dispatcher loses them unless it is heard of before; negative where another one may take them.
  std::chrono::milliseconds expires_in{0};
  /// Which members hold how many, in words for people.
  std::string members;
};

/// A batch that is delivered no more.
struct parked_place {
  std::uint64_t epoch = 0;
  std::int64_t position = 0;
  std::uint32_t deliveries = 0;
  /// The member that had it last.
  std::string member;
};

/// All that there is to see of a group.
struct group_view {
  group_summary summary;
  group_spec spec;
  /// The first epoch in which a batch is neither acknowledged nor parked.
  std::uint64_t open_epoch = 0;
  std::vector<batches_out> out;
  std::vector<parked_place> parked;
};

} // namespace dispatch
