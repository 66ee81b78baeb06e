#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "apps/pull/session/server_line.hpp"
#include "apps/pull/session/session_request.hpp"
#include "wire/session/cursor.hpp"

namespace dispatch::pull {

/// Judges the places and the sums of one session: what was asked for is in force, batches come in order without gaps,
/// cursors lie behind what they follow, and `epoch` and `eof` count what came. Of a group a session gets some batches,
/// in any order, and those of an epoch that follows may come before the `epoch` line.
///
/// A function that returns a sentence has found the session wrong; the sentence has both values. The checker is of no
/// use after that.
class session_checker {
public:
  explicit session_checker(session_request asked) : asked_(std::move(asked)) {}

  std::optional<std::string> accept(const welcome_line& said);
  std::optional<std::string> accept(const batch_line& next);
  std::optional<std::string> accept(const epoch_line& over);
  std::optional<std::string> accept(const eof_line& over);

  /// What `welcome` said; only after it.
  const welcome_line& welcome() const { return *welcome_; }
  bool is_open() const { return welcome_.has_value(); }

  bool complete() const { return complete_; }

  /// What the `epoch` lines said.
  const given_counts& sums() const { return sums_; }

  std::uint64_t epoch() const { return open_epoch_; }

private:
  std::optional<std::string> check_asked(const welcome_line& said) const;
  std::optional<std::string> check_columns(const welcome_line& said) const;
  std::optional<std::string> check_place(const batch_line& next) const;
  std::optional<std::string> check_whole_epoch(const epoch_line& over) const;
  /// Reads a cursor of this session into `next`.
  std::optional<std::string> read_cursor(const std::string& text, session_cursor& next) const;
  bool is_whole_epoch() const { return !is_shared() && began_at_ == 0 && place_.skips.empty(); }
  /// Whether other members of a group have batches too.
  bool is_shared() const { return !asked_.group.empty(); }

  session_request asked_;
  std::optional<welcome_line> welcome_;
  /// Behind the last batch or epoch.
  session_cursor place_;
  std::uint64_t due_seq_ = 0;
  /// Where the session began in the current epoch.
  std::int64_t began_at_ = 0;
  /// The first epoch that is not over.
  std::uint64_t open_epoch_ = 0;
  /// What came of epochs that are not over.
  std::map<std::uint64_t, given_counts> given_;
  given_counts sums_;
  bool complete_ = false;
};

} // namespace dispatch::pull
