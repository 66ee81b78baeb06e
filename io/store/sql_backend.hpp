#pragma once

#include <string>
#include <vector>

#include "io/store/store_rows.hpp"
#include "io/store/store_schema.hpp"
#include "messages/store_backend.hpp"

namespace dispatch::io {

/// The store in a database: its statements, which are the same for each. A database connects, runs a statement, and
/// begins and ends transactions.
class sql_backend : public store_backend {
public:
  store_time now() override;
  std::optional<kept_group> load_group(const std::string& name) override;
  std::vector<listed_group> load_groups() override;
  void create_group(const group_record& group) override;
  void save_group(const kept_group& before, const kept_group& after) override;
  void delete_group(const std::string& name) override;
  std::vector<parked_batch> load_parked(const std::string& group, std::int64_t generation) override;
  void add_parked(const std::string& group, std::int64_t generation, const parked_batch& batch) override;
  std::optional<position_record> load_position(const std::string& name) override;
  void create_position(const std::string& name) override;
  void save_position(const position_record& position) override;

protected:
  explicit sql_backend(sql_dialect dialect) : dialect_(std::move(dialect)) {}

  /// Runs a statement. Parameters are `$1`, `$2`, ...
  /// @throws store_error
  virtual std::vector<sql_row> run(const std::string& statement, const sql_row& parameters = {}) = 0;

  /// Brings the tables to the present version. To be called within a transaction that no other one changes them in.
  /// @throws store_error where the store is of a later version
  void migrate();

private:
  void insert(const char* table, const char* columns, const std::vector<sql_row>& rows, const std::string& conflict);
  void delete_leases(const std::string& group, const std::vector<std::string>& tokens);

  sql_dialect dialect_;
};

} // namespace dispatch::io
