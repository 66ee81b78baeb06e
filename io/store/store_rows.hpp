#pragma once

#include <optional>
#include <string>
#include <vector>

#include "messages/store_backend.hpp"

/// @file
/// What is kept of groups and positions, as rows of text: both databases take it and give it in the same form.

namespace dispatch::io {

/// A value; nothing: NULL.
using sql_value = std::optional<std::string>;
using sql_row = std::vector<sql_value>;

/// Times are in UTC and to the millisecond: `2026-11-30 11:07:00.123+00`.
std::string to_sql(store_time time);

/// @throws store_error where it is no time
store_time parse_sql_time(const std::string& text);

/// 64 digits, of which the last one is the run's first batch.
std::string to_sql(batch_mask mask);

// The columns of each table stand in store_schema.hpp. What cannot be read throws a `store_error`.

sql_row to_row(const group_record& group);
group_record parse_group(const sql_row& row);

sql_row to_row(const std::string& group, const lease_record& lease);
lease_record parse_lease(const sql_row& row);

sql_row to_row(const std::string& group, std::int64_t generation, const parked_batch& parked);
parked_batch parse_parked(const sql_row& row);

sql_row to_row(const position_record& position);
position_record parse_position(const sql_row& row);

} // namespace dispatch::io
