#include "io/store/sql_backend.hpp"

#include <algorithm>
#include <sstream>
#include <utility>

namespace dispatch::io {

namespace {

constexpr const char* unless_there = " ON CONFLICT DO NOTHING";

constexpr const char* groups = "dispatch_groups";
constexpr const char* leases = "dispatch_leases";
constexpr const char* parked = "dispatch_parked";
constexpr const char* positions = "dispatch_positions";

std::string select(const char* columns, const char* table) {
  return std::string{"SELECT "} + columns + " FROM " + table;
}

std::string numbered(std::size_t number) {
  return "$" + std::to_string(number);
}

/// `$1, $2, ...`
std::string placeholders(std::size_t count) {
  std::string result;
  for (std::size_t i = 1; i <= count; ++i)
    result += (i > 1 ? ", " : "") + numbered(i);
  return result;
}

/// What has an INSERT of a row that is there already change its columns, but those of its key.
std::string update_on(const std::string& key, const char* columns, std::size_t key_size) {
  std::istringstream names{columns};
  std::string result;
  std::string name;
  for (std::size_t i = 0; std::getline(names >> std::ws, name, ','); ++i)
    if (i >= key_size)
      result += (result.empty() ? "" : ", ") + name + " = excluded." + name;
  return " ON CONFLICT (" + key + ") DO UPDATE SET " + result;
}

} // namespace

void sql_backend::migrate() {
  run("CREATE TABLE IF NOT EXISTS dispatch_store (version bigint NOT NULL)");
  const auto versions = store_versions(dialect_);
  const auto found = run("SELECT version FROM dispatch_store");
  std::size_t version = found.empty() ? 0 : std::stoul(found.front().front().value_or("0"));
  if (version > versions.size())
    throw store_error{"its tables are of version " + std::to_string(version)
                      + ", and this dispatcher knows versions up to " + std::to_string(versions.size())
                      + ": use the later dispatcher"};
  if (version == versions.size())
    return;
  for (; version < versions.size(); ++version)
    for (const auto& each : versions[version])
      run(each);
  run("DELETE FROM dispatch_store");
  run("INSERT INTO dispatch_store VALUES ($1)", {std::to_string(version)});
}

store_time sql_backend::now() {
  return parse_sql_time(run(dialect_.now).at(0).at(0).value_or(""));
}

void sql_backend::insert(const char* table, const char* columns, const sql_row& row, const std::string& conflict) {
  run(std::string{"INSERT INTO "} + table + " (" + columns + ") VALUES (" + placeholders(row.size()) + ")" + conflict,
      row);
}

// -- groups -----------------------------------------------------------------------------------------------------------

std::optional<kept_group> sql_backend::load_group(const std::string& name) {
  const auto found = run(select(group_columns, groups) + " WHERE name = $1" + dialect_.lock, {name});
  if (found.empty())
    return std::nullopt;
  kept_group result{parse_group(found.front()), {}};
  for (const auto& row : run(select(lease_columns, leases) + " WHERE group_name = $1", {name})) {
    auto lease = parse_lease(row);
    result.leases[lease.lease.token] = std::move(lease);
  }
  return result;
}

std::vector<group_record> sql_backend::load_groups() {
  std::vector<group_record> result;
  for (const auto& row : run(select(group_columns, groups) + " ORDER BY name"))
    result.push_back(parse_group(row));
  return result;
}

void sql_backend::create_group(const group_record& group) {
  insert(groups, group_columns, to_row(group), unless_there);
}

void sql_backend::save_group(const kept_group& before, const kept_group& after) {
  const auto& name = after.group.name;
  if (const auto row = to_row(after.group); row != to_row(before.group))
    insert(groups, group_columns, row, update_on("name", group_columns, 1));
  if (before.group.generation != after.group.generation)
    run("DELETE FROM dispatch_parked WHERE group_name = $1", {name});
  for (const auto& [token, lease] : before.leases)
    if (after.leases.count(token) == 0)
      run("DELETE FROM dispatch_leases WHERE group_name = $1 AND token = $2", {name, std::to_string(token)});
  for (const auto& [token, lease] : after.leases) {
    const auto row = to_row(name, lease);
    const auto old = before.leases.find(token);
    if (old == before.leases.end() || to_row(name, old->second) != row)
      insert(leases, lease_columns, row, update_on("group_name, token", lease_columns, 2));
  }
}

void sql_backend::delete_group(const std::string& name) {
  run("DELETE FROM dispatch_groups WHERE name = $1", {name});
}

std::vector<parked_batch> sql_backend::load_parked(const std::string& group, std::int64_t generation) {
  std::vector<parked_batch> result;
  for (const auto& row :
       run(select(parked_columns, parked) + " WHERE group_name = $1 AND generation = $2 ORDER BY epoch, batch",
           {group, std::to_string(generation)}))
    result.push_back(parse_parked(row));
  return result;
}

void sql_backend::add_parked(const std::string& group, std::int64_t generation, const parked_batch& batch) {
  insert(parked, parked_columns, to_row(group, generation, batch), unless_there);
}

// -- positions --------------------------------------------------------------------------------------------------------

std::optional<position_record> sql_backend::load_position(const std::string& name) {
  const auto found = run(select(position_columns, positions) + " WHERE name = $1" + dialect_.lock, {name});
  return found.empty() ? std::nullopt : std::optional{parse_position(found.front())};
}

void sql_backend::create_position(const std::string& name) {
  insert(positions, position_columns, to_row(position_record{name, {}, 0, {}}), unless_there);
}

void sql_backend::save_position(const position_record& position) {
  insert(positions, position_columns, to_row(position), update_on("name", position_columns, 1));
}

} // namespace dispatch::io
