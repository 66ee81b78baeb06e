#pragma once

#include <caf/timestamp.hpp>
#include <caf/typed_actor.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "messages/reports.hpp"
#include "messages/type_ids.hpp"

namespace dispatch {

/// A session that has a name is there, and has come so far.
struct session_heard {
  /// Has a `session`.
  client_report report;
};

/// A session that has a name has ended. It need not have been heard of before.
struct session_over {
  /// Has a `session`.
  client_report report;
  /// As in the log's `session_end`.
  std::string outcome;
};

/// Asks for what sessions did in the last `span`: at least an hour is told, and at most a day.
struct get_session_history {
  std::chrono::seconds span{3600};
};

/// All sessions that came under one name and shard.
struct session_row_report {
  /// Of the latest one; where it ended, once that is over.
  session_report place;
  std::string dataset;
  /// Steps of the epoch before its place, and of the whole epoch where that is known.
  std::int64_t step = 0;
  std::optional<std::int64_t> steps;
  /// How many there were.
  std::uint64_t times = 0;
  /// When the latest one has begun.
  caf::timestamp began_at{};
  /// When it was over; nothing while it is there.
  std::optional<caf::timestamp> gone_at;
  /// How the latest one ended that is over; empty: none is.
  std::string outcome;
  /// By the minute, the oldest first. Not a number where it was away.
  std::vector<double> batches_per_second;
  std::vector<double> epochs;
};

struct session_history_report {
  /// When the last minute ends, which goes on.
  caf::timestamp ends_at{};
  std::vector<session_row_report> rows;
};

/// Remembers sessions that have a name, beyond their end: one that comes again goes on in its row.
///
/// Owner: the service. Lifetime: as long as the service. Errors: none are answered.
using session_recorder_actor = caf::typed_actor<
  /// About once a second from each.
  caf::result<void>(session_heard),
  /// The last message of a session.
  caf::result<void>(session_over),
  /// What it remembers.
  caf::result<session_history_report>(get_session_history),
  /// Its state is `serving`.
  caf::result<actor_report>(get_actor_report)>;

} // namespace dispatch
