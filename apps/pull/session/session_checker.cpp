#include "apps/pull/session/session_checker.hpp"

#include <variant>

#include "apps/pull/printable_text.hpp"

namespace dispatch::pull {

namespace {

constexpr std::size_t longest_quote = 200;

template <class Number>
std::string text(Number x) {
  return std::to_string(x);
}

std::string quoted(const std::string& x) {
  return '"' + printable_text(x, longest_quote) + '"';
}

std::string other_value(const char* name, const std::string& got, const std::string& asked) {
  return std::string{"welcome has "} + name + ' ' + got + ", and " + asked + " was asked for";
}

std::string place_text(const session_cursor& x) {
  return "epoch " + text(x.epoch) + ", position " + text(x.position);
}

std::optional<std::string> other_count(const std::string& line, const char* name, std::uint64_t said,
                                       std::uint64_t due) {
  if (said == due)
    return std::nullopt;
  return line + " says " + text(said) + ' ' + name + ", and " + text(due) + " came";
}

/// What `eof` says has to be what the epochs said.
std::optional<std::string> other_sums(const given_counts& said, const given_counts& due) {
  if (auto problem = other_count("eof", "batches", said.batches, due.batches))
    return problem;
  if (auto problem = other_count("eof", "samples", said.samples, due.samples))
    return problem;
  if (auto problem = other_count("eof", "padded samples", said.padded, due.padded))
    return problem;
  if (auto problem = other_count("eof", "dropped samples", said.dropped, due.dropped))
    return problem;
  return other_count("eof", "skipped samples", said.skipped, due.skipped);
}

} // namespace

std::optional<std::string> session_checker::accept(const welcome_line& said) {
  if (welcome_)
    return "a second welcome came, of session " + quoted(said.session) + " after " + quoted(welcome_->session);
  if (auto problem = check_asked(said))
    return problem;
  if (auto problem = check_columns(said))
    return problem;
  auto parsed = parse_cursor(said.cursor);
  if (const auto* problem = std::get_if<std::string>(&parsed))
    return "welcome has a bad cursor: " + printable_text(*problem, longest_quote);
  place_ = std::get<session_cursor>(parsed);
  if (place_.dataset != said.dataset)
    return "welcome has dataset " + quoted(said.dataset) + ", and its cursor " + quoted(place_.dataset);
  if (place_.order.samples != said.samples.value_or(0))
    return "welcome has " + text(said.samples.value_or(0)) + " samples, and its cursor " + text(place_.order.samples);
  if (const auto asked = parse_cursor(asked_.start); !asked_.start.empty()) {
    const auto* start = std::get_if<session_cursor>(&asked);
    // As texts, which have skips sorted.
    if (start != nullptr && to_text(*start) != to_text(place_))
      return other_value("cursor", said.cursor, asked_.start);
  }
  began_at_ = place_.position;
  open_epoch_ = place_.epoch;
  welcome_ = said;
  return std::nullopt;
}

std::optional<std::string> session_checker::check_asked(const welcome_line& said) const {
  if (asked_.dataset && *asked_.dataset != said.dataset)
    return other_value("dataset", quoted(said.dataset), quoted(*asked_.dataset));
  if (asked_.batch_size && *asked_.batch_size != said.batch_size)
    return other_value("batch_size", text(said.batch_size), text(*asked_.batch_size));
  if (said.shard_index != asked_.shard_index || said.shard_count != asked_.shard_count)
    return other_value("shard", text(said.shard_index) + '/' + text(said.shard_count),
                       text(asked_.shard_index) + '/' + text(asked_.shard_count));
  if (asked_.seed && (!said.shuffle || said.shuffle->seed != *asked_.seed))
    return other_value("seed", said.shuffle ? text(said.shuffle->seed) : "none", text(*asked_.seed));
  if (asked_.window && (!said.shuffle || said.shuffle->window != *asked_.window))
    return other_value("window", said.shuffle ? text(said.shuffle->window) : "none", text(*asked_.window));
  if (said.group != asked_.group)
    return other_value("group", quoted(said.group), quoted(asked_.group));
  if (asked_.epochs && said.epochs.value_or(0) != *asked_.epochs)
    return other_value("epochs", text(said.epochs.value_or(0)), text(*asked_.epochs));
  return std::nullopt;
}

std::optional<std::string> session_checker::check_columns(const welcome_line& said) const {
  if (asked_.columns.empty() || said.columns.empty())
    return said.columns.empty() ? std::optional<std::string>{"welcome has no columns, and one or more are due"}
                                : std::nullopt;
  if (said.columns.size() != asked_.columns.size())
    return other_value("columns", text(said.columns.size()), text(asked_.columns.size()));
  for (std::size_t i = 0; i < asked_.columns.size(); ++i)
    if (said.columns[i].name != asked_.columns[i])
      return other_value("column", quoted(said.columns[i].name), quoted(asked_.columns[i]));
  return std::nullopt;
}

std::optional<std::string> session_checker::accept(const batch_line& next) {
  if (next.seq != due_seq_)
    return "seq " + text(next.seq) + " came where " + text(due_seq_) + " was due";
  if (auto problem = check_place(next))
    return problem;
  if (next.samples && (*next.samples < 1 || *next.samples > welcome_->batch_size))
    return "it has " + text(*next.samples) + " samples, and 1 to " + text(welcome_->batch_size)
           + " (batch_size) are due";
  session_cursor behind;
  if (auto problem = read_cursor(next.cursor, behind))
    return problem;
  if (behind.epoch != next.epoch || behind.position <= next.position)
    return "its cursor is at " + place_text(behind) + ", which is not behind position " + text(next.position)
           + " of epoch " + text(next.epoch);
  place_ = std::move(behind);
  ++due_seq_;
  auto& given = given_[next.epoch];
  ++given.batches;
  given.samples += static_cast<std::uint64_t>(next.samples.value_or(0));
  return std::nullopt;
}

std::optional<std::string> session_checker::check_place(const batch_line& next) const {
  if (complete_)
    return "it came after eof";
  if (is_shared())
    return next.epoch < open_epoch_
             ? std::optional{"it is of epoch " + text(next.epoch) + ", which was said to be over"}
             : std::nullopt;
  if (next.epoch != place_.epoch)
    return "it is of epoch " + text(next.epoch) + ", and one of epoch " + text(place_.epoch) + " was due";
  if (next.position < place_.position || (place_.skips.empty() && next.position != place_.position))
    return "it is at position " + text(next.position) + ", and " + text(place_.position) + " was due";
  return std::nullopt;
}

std::optional<std::string> session_checker::read_cursor(const std::string& text, session_cursor& next) const {
  auto parsed = parse_cursor(text);
  if (const auto* problem = std::get_if<std::string>(&parsed))
    return "its cursor is bad: " + printable_text(*problem, longest_quote);
  next = std::get<session_cursor>(std::move(parsed));
  if (next.dataset != place_.dataset || next.fingerprint != place_.fingerprint || !(next.order == place_.order))
    return "its cursor is of another order: " + printable_text(text, longest_quote) + ", after "
           + printable_text(to_text(place_), longest_quote);
  return std::nullopt;
}

std::optional<std::string> session_checker::accept(const epoch_line& over) {
  const auto line = "epoch " + text(over.epoch);
  if (over.epoch != open_epoch_ || complete_)
    return line + " is said to be over, and epoch " + text(open_epoch_) + (complete_ ? " was the last" : " is due");
  const auto given = given_[over.epoch];
  if (auto problem = other_count(line, "batches", over.given.batches, given.batches))
    return problem;
  if (auto problem = other_count(line, "samples", over.given.samples, given.samples);
      problem && place_.counts_samples())
    return problem;
  if (auto problem = check_whole_epoch(over))
    return problem;
  session_cursor next;
  if (auto problem = read_cursor(over.cursor, next))
    return line + ": " + *problem;
  if (next.epoch != over.epoch + 1 || next.position != 0)
    return line + " is over, and its cursor is at " + place_text(next) + " and not at the next one's beginning";
  sums_.batches += over.given.batches;
  sums_.samples += over.given.samples;
  sums_.padded += over.given.padded;
  sums_.dropped += over.given.dropped;
  sums_.skipped += over.given.skipped;
  place_ = std::move(next);
  began_at_ = 0;
  given_.erase(over.epoch);
  ++open_epoch_;
  return std::nullopt;
}

std::optional<std::string> session_checker::check_whole_epoch(const epoch_line& over) const {
  if (!is_whole_epoch())
    return std::nullopt;
  const auto line = "epoch " + text(over.epoch);
  // How many batches there are of samples that cannot be counted is not known, but no dataset has none.
  if (!place_.counts_samples())
    return over.given.batches > 0 ? std::nullopt
                                  : std::optional{line
                                                  + " has 0 batches from its beginning to its end, and 1 or more "
                                                    "are due"};
  if (welcome_->batches && over.given.batches != static_cast<std::uint64_t>(*welcome_->batches))
    return line + " has " + text(over.given.batches) + " batches, and welcome said " + text(*welcome_->batches);
  const auto all = over.given.samples - over.given.padded + over.given.dropped;
  if (welcome_->shard_count == 1 && all != static_cast<std::uint64_t>(place_.order.samples))
    return line + " has " + text(all) + " samples (without " + text(over.given.padded) + " padded, with "
           + text(over.given.dropped) + " dropped), and welcome said " + text(place_.order.samples);
  return std::nullopt;
}

std::optional<std::string> session_checker::accept(const eof_line& over) {
  if (!given_.empty())
    return "eof came after " + text(given_.begin()->second.batches) + " batches of epoch " + text(given_.begin()->first)
           + ", and before the end of that epoch";
  if (!welcome_->epochs || open_epoch_ < *welcome_->epochs)
    return "eof came before epoch " + text(open_epoch_) + ", and welcome said "
           + (welcome_->epochs ? text(*welcome_->epochs) + " epochs" : std::string{"that the session never ends"});
  if (auto problem = other_sums(over.given, sums_))
    return problem;
  session_cursor last;
  if (auto problem = read_cursor(over.cursor, last))
    return "eof: " + *problem;
  complete_ = true;
  return std::nullopt;
}

} // namespace dispatch::pull
