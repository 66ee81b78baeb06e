#pragma once

#include <string>
#include <vector>

/// @file
/// The tables of the store, and how they came to be: version by version. A store of an older version is brought to the
/// present one when it is opened; one of a later version is refused.

namespace dispatch::io {

/// The types that the two databases call differently.
struct sql_dialect {
  /// 64 batches of a run, as digits.
  std::string mask;
  std::string time;
  /// Has a SELECT keep its rows for its transaction.
  std::string lock;
  /// The database's clock, as `to_sql` writes times.
  std::string now;
};

/// The statements that make each version out of the one before; the first one makes version 1.
std::vector<std::vector<std::string>> store_versions(const sql_dialect& dialect);

// Columns, in the order of rows:

inline constexpr const char* group_columns =
  "name, generation, cursor, asked_block, batch_size, ends, end_epoch, barrier, ack_wait_ms, max_deliver, next_epoch, "
  "next_run, next_token, acked, parked, redelivered, short_dispatcher, short_until";

inline constexpr const char* lease_columns =
  "group_name, token, epoch, run, batches, settled, touched, deliveries, dispatcher, expires_at, members";

inline constexpr const char* parked_columns = "group_name, generation, epoch, batch, deliveries, member";

inline constexpr const char* position_columns = "name, cursor, token, session";

} // namespace dispatch::io
