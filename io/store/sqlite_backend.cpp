#include "io/store/sqlite_backend.hpp"

#include <sys/stat.h>

#include <utility>

namespace dispatch::io {

namespace {

sql_dialect dialect() {
  return {"text", "text", "", "SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')"};
}

/// What tells a file from another one of its name; nothing where there is none.
std::optional<std::pair<::dev_t, ::ino_t>> identity_of(const std::string& file) {
  struct ::stat found {};
  if (::stat(file.c_str(), &found) != 0)
    return std::nullopt;
  return std::pair{found.st_dev, found.st_ino};
}

} // namespace

sqlite_backend::sqlite_backend(std::string file) : sql_backend(dialect()), file_(std::move(file)) {
  sqlite3* opened = nullptr;
  const auto code = ::sqlite3_open(file_.c_str(), &opened);
  database_.reset(opened);
  if (code != SQLITE_OK)
    throw problem();
  // The lock is taken by the first use, and kept.
  run("PRAGMA locking_mode = EXCLUSIVE", {});
  run("PRAGMA journal_mode = WAL", {});
  run("PRAGMA synchronous = NORMAL", {});
  run("PRAGMA foreign_keys = ON", {});
  file_identity_ = identity_of(file_);
  begin();
  refuse_others_tables();
  migrate();
  commit(true);
}

void sqlite_backend::refuse_others_tables() {
  const auto tables = run("SELECT max(name = 'dispatch_store') FROM sqlite_master WHERE type = 'table'", {});
  if (tables.at(0).at(0) == "0")
    throw store_error{"it is the database of another program: name another file"};
}

void sqlite_backend::begin() {
  // A file that was removed can be written for as long as it is open, and all of that is lost then.
  if (!file_identity_ || identity_of(file_) != file_identity_)
    throw store_error{"the file is gone, or is another one: put it back, or start the dispatcher again"};
  run("BEGIN IMMEDIATE", {});
}

void sqlite_backend::commit(bool is_durable) {
  run("COMMIT", {});
  // A transaction is written to the file's log by COMMIT, which outlives the process. To outlive the machine as well,
  // the log has to be on the disk: a checkpoint puts it there.
  if (is_durable
      && ::sqlite3_wal_checkpoint_v2(database_.get(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr)
           != SQLITE_OK)
    throw problem();
}

void sqlite_backend::roll_back() noexcept {
  if (::sqlite3_get_autocommit(database_.get()) == 0)
    ::sqlite3_exec(database_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

std::vector<sql_row> sqlite_backend::run(const std::string& statement, const sql_row& parameters) {
  auto* const running = prepared(statement);
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const auto place = ::sqlite3_bind_parameter_index(running, ("$" + std::to_string(i + 1)).c_str());
    const auto& value = parameters[i];
    if (value)
      ::sqlite3_bind_text(running, place, value->data(), static_cast<int>(value->size()), SQLITE_TRANSIENT);
    else
      ::sqlite3_bind_null(running, place);
  }
  std::vector<sql_row> result;
  auto code = ::sqlite3_step(running);
  for (; code == SQLITE_ROW; code = ::sqlite3_step(running)) {
    auto& row = result.emplace_back();
    for (int i = 0; i < ::sqlite3_column_count(running); ++i) {
      const auto* text = reinterpret_cast<const char*>(::sqlite3_column_text(running, i));
      row.push_back(text != nullptr ? sql_value{text} : std::nullopt);
    }
  }
  if (code != SQLITE_DONE) {
    const auto reason = problem();
    ::sqlite3_reset(running);
    throw reason;
  }
  ::sqlite3_reset(running);
  return result;
}

sqlite3_stmt* sqlite_backend::prepared(const std::string& statement) {
  auto& known = statements_[statement];
  if (known != nullptr)
    return known.get();
  sqlite3_stmt* made = nullptr;
  if (::sqlite3_prepare_v2(database_.get(), statement.c_str(), -1, &made, nullptr) != SQLITE_OK)
    throw problem();
  known.reset(made);
  return made;
}

store_error sqlite_backend::problem() const {
  const auto* database = database_.get();
  if (::sqlite3_errcode(database_.get()) == SQLITE_BUSY)
    return store_error{"another process has this file open: a file is for one dispatcher; several share PostgreSQL"};
  return store_error{database != nullptr ? ::sqlite3_errmsg(database_.get()) : "there is no memory for it"};
}

} // namespace dispatch::io
