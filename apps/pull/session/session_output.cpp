#include "apps/pull/session/session_output.hpp"

#include <variant>

#include "apps/pull/session/cursor_file.hpp"
#include "wire/session/cursor.hpp"

namespace dispatch::pull {

namespace {

/// Where the samples of a session go. Those behind a cursor, and behind a position that is kept, leave a file alone
/// that has what came before.
std::string name_for(const options& opts, const welcome_line& said) {
  const auto parsed = parse_cursor(opts.session->position.empty() ? opts.session->start : said.cursor);
  const auto* cursor = std::get_if<session_cursor>(&parsed);
  const auto is_first =
    cursor == nullptr || (opts.session->start.empty() && cursor->epoch == 0 && cursor->position == 0);
  return is_first ? opts.out : name_for_rest(opts.out, cursor->epoch, cursor->position);
}

} // namespace

void session_output::open(const welcome_line& said) {
  first_cursor_ = cursor_ = said.cursor;
  described_ = said.columns;
  if (options_.session->group.empty() || is_written_directly(options_.out)) {
    name_ = name_for(options_, said);
    sink_ = open_column_sink(name_, said.columns);
  }
  for (const auto& column : said.columns)
    columns_.push_back(column.name);
  if (options_.json)
    digests_.resize(columns_.size());
}

void session_output::open_part(const batch_line& first) {
  name_ = name_of_part(options_.out, first.epoch, first.position);
  sink_ = open_column_sink(name_, described_);
}

void session_output::write(const std::vector<std::string_view>& columns, const batch_line& batch) {
  if (sink_ == nullptr)
    open_part(batch);
  sink_->write(columns);
  for (std::size_t i = 0; i < digests_.size(); ++i)
    digests_[i].add(columns[i]);
  cursor_ = batch.cursor;
}

void session_output::keep_between() {
  if (is_written_directly(name_))
    keep_cursor();
}

void session_output::commit(bool keeps_nothing) {
  if (!sink_ || keeps_nothing)
    return;
  sink_->commit();
  if (name_.empty() || name_ == "-")
    return;
  file_ = name_;
  ++files_;
}

void session_output::commit_part() {
  if (is_written_directly(name_))
    return;
  commit(false);
  sink_.reset();
}

void session_output::give_up() {
  sink_.reset();
  if (!is_written_directly(name_))
    cursor_ = first_cursor_;
}

void session_output::keep_cursor() const {
  if (!options_.cursor_file.empty() && !cursor_.empty())
    write_cursor_file(options_.cursor_file, cursor_);
}

std::vector<std::pair<std::string, std::string>> session_output::digests() const {
  std::vector<std::pair<std::string, std::string>> result;
  for (std::size_t i = 0; i < digests_.size(); ++i)
    result.emplace_back(columns_[i], digests_[i].hex());
  return result;
}

} // namespace dispatch::pull
