#pragma once

#include <sqlite3.h>
#include <sys/types.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "io/store/sql_backend.hpp"

namespace dispatch::io {

/// The store in a file, for one dispatcher: another process that opens it is refused. The file is in WAL mode, so a
/// commit is one write to its end; what must outlive the machine's power is synchronised to the disk.
/// (https://www.sqlite.org/wal.html, https://www.sqlite.org/pragma.html#pragma_synchronous)
class sqlite_backend : public sql_backend {
public:
  /// Opens the file, or makes it.
  /// @throws store_error where that cannot be done, or another process has it
  explicit sqlite_backend(std::string file);

  std::string describe() const override { return "sqlite:" + file_; }
  void begin() override;
  void commit(bool is_durable) override;
  void roll_back() noexcept override;

protected:
  std::vector<sql_row> run(const std::string& statement, const sql_row& parameters) override;

private:
  struct closer {
    void operator()(sqlite3* database) const noexcept { ::sqlite3_close_v2(database); }
    void operator()(sqlite3_stmt* statement) const noexcept { ::sqlite3_finalize(statement); }
  };

  using statement_ptr = std::unique_ptr<sqlite3_stmt, closer>;

  /// @throws store_error where the file has tables, and none of a store
  void refuse_others_tables();
  sqlite3_stmt* prepared(const std::string& statement);
  store_error problem() const;

  std::string file_;
  /// Its device and its number there.
  std::optional<std::pair<::dev_t, ::ino_t>> file_identity_;
  std::unique_ptr<sqlite3, closer> database_;
  /// Those that were run before, by their text.
  std::map<std::string, statement_ptr> statements_;
};

} // namespace dispatch::io
