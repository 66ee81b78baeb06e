#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apps/pull/options.hpp"
#include "apps/pull/sample_digest.hpp"
#include "apps/pull/session/column_sink.hpp"
#include "apps/pull/session/server_line.hpp"

namespace dispatch::pull {

/// What a session leaves behind: its samples, and the cursor behind them, in memory and in the cursor file. The cursor
/// never runs ahead of what is written.
class session_output {
public:
  /// @param opts whose `session` is there; they must live longer
  explicit session_output(const options& opts) : options_(opts), cursor_(opts.session->start) {}

  /// The session has begun. Throws `sink_error`.
  void open(const welcome_line& said);

  /// Writes the columns of a batch.
  /// Throws `sink_error`.
  void write(const std::vector<std::string_view>& columns, const batch_line& batch);

  /// Moves the cursor without a batch.
  void move_to(const std::string& cursor) { cursor_ = cursor; }

  /// Puts the cursor into its file where what was written cannot be taken back. Throws `cursor_file_error`.
  void keep_between();

  /// Has what was written under its name, unless nothing is to be kept. Throws `sink_error`.
  void commit(bool keeps_nothing);

  /// The same of a part of what a group's member gets; what is written next goes into a file of its own, named by the
  /// place of its first batch. Throws `sink_error`.
  void commit_part();

  /// Writing has failed: what is in a file is gone, and the cursor is where the session began.
  void give_up();

  /// Puts the cursor into its file. Throws `cursor_file_error`.
  void keep_cursor() const;

  /// Where another session goes on; empty: at the beginning.
  const std::string& cursor() const { return cursor_; }

  /// The last file that has samples; empty: none.
  const std::string& file() const { return file_; }

  /// How many files have samples.
  std::uint64_t files() const { return files_; }

  /// SHA-256 of each column, by its name; empty without `--json`.
  std::vector<std::pair<std::string, std::string>> digests() const;

private:
  void open_part(const batch_line& first);

  const options& options_;
  std::vector<session_column_info> described_;
  std::string name_; ///< of what is written to
  std::unique_ptr<column_sink> sink_;
  std::vector<std::string> columns_;
  std::vector<sample_digest> digests_;
  std::string first_cursor_;
  std::string cursor_;
  std::string file_;
  std::uint64_t files_ = 0;
};

} // namespace dispatch::pull
