#include "io/store/sql_backend.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
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

/// `($3, $4, ...)`
std::string placeholders(std::size_t first, std::size_t count) {
  std::string result = "(";
  for (std::size_t i = first; i < first + count; ++i)
    result += (i > first ? ", " : "") + numbered(i);
  return result + ")";
}

/// Calls `use(begin, size)` for parts of `count` things, of which each is as large as a statement may be, or half of
/// that, or a quarter, ...: so there are few different statements, and a database prepares each once.
template <class Use>
void in_parts(std::size_t count, Use use) {
  for (std::size_t begin = 0, size = 64; begin < count; begin += size) {
    while (size > count - begin)
      size /= 2;
    use(begin, size);
  }
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

std::vector<std::string> tokens_of_gone(const kept_group& before, const kept_group& after) {
  std::vector<std::string> result;
  for (const auto& [token, lease] : before.leases)
    if (after.leases.count(token) == 0)
      result.push_back(std::to_string(token));
  return result;
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

void sql_backend::insert(const char* table, const char* columns, const std::vector<sql_row>& rows,
                         const std::string& conflict) {
  in_parts(rows.size(), [&](std::size_t begin, std::size_t size) {
    auto statement = std::string{"INSERT INTO "} + table + " (" + columns + ") VALUES ";
    sql_row values;
    for (auto i = begin; i < begin + size; ++i) {
      statement += (i > begin ? ", " : "") + placeholders(values.size() + 1, rows[i].size());
      values.insert(values.end(), rows[i].begin(), rows[i].end());
    }
    run(statement + conflict, values);
  });
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

std::vector<listed_group> sql_backend::load_groups() {
  std::map<std::string, std::size_t> counts;
  for (const auto& row : run(select("group_name, count(*)", leases) + " GROUP BY group_name"))
    counts[row.at(0).value_or("")] = std::stoul(row.at(1).value_or("0"));
  std::vector<listed_group> result;
  for (const auto& row : run(select(group_columns, groups) + " ORDER BY name")) {
    auto group = parse_group(row);
    const auto found = counts.find(group.name);
    result.push_back({std::move(group), found != counts.end() ? found->second : 0});
  }
  return result;
}

void sql_backend::create_group(const group_record& group) {
  insert(groups, group_columns, {to_row(group)}, unless_there);
}

void sql_backend::save_group(const kept_group& before, const kept_group& after) {
  const auto& name = after.group.name;
  if (const auto row = to_row(after.group); row != to_row(before.group))
    insert(groups, group_columns, {row}, update_on("name", group_columns, 1));
  if (before.group.generation != after.group.generation)
    run("DELETE FROM dispatch_parked WHERE group_name = $1", {name});
  delete_leases(name, tokens_of_gone(before, after));
  std::vector<sql_row> changed;
  for (const auto& [token, lease] : after.leases) {
    auto row = to_row(name, lease);
    const auto old = before.leases.find(token);
    if (old == before.leases.end() || to_row(name, old->second) != row)
      changed.push_back(std::move(row));
  }
  static const auto unless_new = update_on("group_name, token", lease_columns, 2);
  insert(leases, lease_columns, changed, unless_new);
}

void sql_backend::delete_leases(const std::string& group, const std::vector<std::string>& tokens) {
  in_parts(tokens.size(), [&](std::size_t begin, std::size_t size) {
    sql_row values{group};
    values.insert(values.end(), tokens.begin() + static_cast<std::ptrdiff_t>(begin),
                  tokens.begin() + static_cast<std::ptrdiff_t>(begin + size));
    run("DELETE FROM dispatch_leases WHERE group_name = $1 AND token IN " + placeholders(2, size), values);
  });
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
  insert(parked, parked_columns, {to_row(group, generation, batch)}, unless_there);
}

// -- positions --------------------------------------------------------------------------------------------------------

std::optional<position_record> sql_backend::load_position(const std::string& name) {
  const auto found = run(select(position_columns, positions) + " WHERE name = $1" + dialect_.lock, {name});
  return found.empty() ? std::nullopt : std::optional{parse_position(found.front())};
}

void sql_backend::create_position(const std::string& name) {
  insert(positions, position_columns, {to_row(position_record{name, {}, 0, {}})}, unless_there);
}

void sql_backend::save_position(const position_record& position) {
  insert(positions, position_columns, {to_row(position)}, update_on("name", position_columns, 1));
}

} // namespace dispatch::io
