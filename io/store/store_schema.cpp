#include "io/store/store_schema.hpp"

namespace dispatch::io {

std::vector<std::vector<std::string>> store_versions(const sql_dialect& dialect) {
  const auto& mask = dialect.mask;
  const auto& time = dialect.time;
  return {{
    // A group: where it begins (a cursor), what its members have in common, the first run that no dispatcher has had.
    "CREATE TABLE dispatch_groups (name text PRIMARY KEY, generation bigint NOT NULL, cursor text NOT NULL, "
    "asked_block bigint NOT NULL, batch_size bigint NOT NULL, ends text NOT NULL, end_epoch bigint, "
    "barrier text NOT NULL, ack_wait_ms bigint NOT NULL, max_deliver bigint NOT NULL, next_epoch bigint NOT NULL, "
    "next_run bigint NOT NULL, next_token bigint NOT NULL, acked bigint NOT NULL, parked bigint NOT NULL, "
    "redelivered bigint NOT NULL, short_dispatcher text NOT NULL, short_until "
      + time + " NOT NULL)",
    // Batches of a run that are not all settled: run r has the batches 64 r to 64 r + 63 of its epoch.
    "CREATE TABLE dispatch_leases (group_name text NOT NULL REFERENCES dispatch_groups (name) ON DELETE CASCADE, "
    "token bigint NOT NULL, epoch bigint NOT NULL, run bigint NOT NULL, batches "
      + mask + " NOT NULL, settled " + mask + " NOT NULL, touched " + mask
      + " NOT NULL, deliveries text NOT NULL, dispatcher text NOT NULL, expires_at " + time
      + " NOT NULL, members text NOT NULL, PRIMARY KEY (group_name, token))",
    "CREATE TABLE dispatch_parked (group_name text NOT NULL REFERENCES dispatch_groups (name) ON DELETE CASCADE, "
    "generation bigint NOT NULL, epoch bigint NOT NULL, batch bigint NOT NULL, deliveries bigint NOT NULL, "
    "member text NOT NULL, PRIMARY KEY (group_name, generation, epoch, batch))",
    "CREATE TABLE dispatch_positions (name text PRIMARY KEY, cursor text NOT NULL, token bigint NOT NULL, "
    "session text NOT NULL)",
  }};
}

} // namespace dispatch::io
