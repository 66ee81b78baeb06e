#include "tests/chaos/session/session_team.hpp"

#include <algorithm>
#include <utility>

namespace dispatch::chaos {

session_team::session_team(team_plan plan, const known_samples& known, team_traffic traffic, time_point now)
  : plan_(std::move(plan)),
    known_(known),
    stints_(plan_, traffic),
    progress_(known.count(), plan_),
    stint_(stints_.next()),
    begins_at_(now) {}

void session_team::watch(poll_set& set, time_point now) {
  for (auto& reader : readers_)
    if (!reader.over())
      reader.watch(set, now);
}

void session_team::serve(const poll_set& set, std::uint16_t port, time_point now, std::chrono::seconds patience,
                         std::vector<char>& buffer, team_counts& counts) {
  if (readers_.empty() && port != 0 && now >= begins_at_)
    begin_stint(port, now, counts);
  for (auto& reader : readers_) {
    if (!reader.over())
      reader.serve(set, now, buffer);
    if (!reader.over() && now > reader.served_at() + patience)
      reader.give_up("got nothing for " + std::to_string(patience.count()) + " s");
  }
  if (!readers_.empty() && is_stint_over())
    end_stint(now, counts);
}

void session_team::begin_stint(std::uint16_t port, time_point now, team_counts& counts) {
  for (std::int64_t rank = 0; rank < stint_.ranks(); ++rank)
    readers_.emplace_back(port, known_, session_wish{&plan_, &stint_, rank, progress_.cursor()}, now);
  ++counts.stints;
  counts.resumed += progress_.cursor() ? 1 : 0;
  counts.connections += readers_.size();
}

bool session_team::is_served() const {
  return !readers_.empty() && std::all_of(readers_.begin(), readers_.end(), [](const auto& x) {
    return x.judge().welcome().has_value();
  });
}

bool session_team::is_stint_over() const {
  const auto goes_on = [](const auto& reader) { return !reader.over(); };
  const auto has_broken_off = [](const auto& reader) {
    return reader.over() && reader.how() != session_reader::ending::enough
           && reader.how() != session_reader::ending::complete;
  };
  return std::none_of(readers_.begin(), readers_.end(), goes_on)
         || std::any_of(readers_.begin(), readers_.end(), has_broken_off);
}

void session_team::end_stint(time_point now, team_counts& counts) {
  const auto before = progress_.samples();
  const auto epochs_before = progress_.epochs();
  std::vector<const session_judge*> judges;
  std::int64_t rank = 0;
  for (auto& reader : readers_) {
    if (!reader.over())
      reader.leave();
    if (reader.problem())
      fail("rank " + std::to_string(rank) + ": " + *reader.problem());
    judges.push_back(&reader.judge());
    counts.cut += reader.how() == session_reader::ending::cut ? 1 : 0;
    counts.drained += may_drain_ && reader.how() == session_reader::ending::refused ? 1 : 0;
    counts.batches += reader.judge().batches().size();
    counts.bytes += reader.bytes();
    ++rank;
  }
  if (!problem_)
    if (const auto wrong = progress_.end_stint(judges))
      fail(*wrong);
  counts.samples += progress_.samples() - before;
  counts.epochs += progress_.epochs() - epochs_before;
  readers_.clear();
  drained_ = may_drain_;
  stint_ = hurries_ ? stints_.last() : stints_.next();
  ++stint_number_;
  begins_at_ = now + stint_.pause;
}

void session_team::hurry() {
  hurries_ = true;
  if (readers_.empty())
    stint_ = stints_.last();
}

void session_team::allow_cut() {
  for (auto& reader : readers_)
    reader.allow_cut();
}

void session_team::allow_draining() {
  may_drain_ = true;
  drained_ = readers_.empty();
  for (auto& reader : readers_)
    reader.allow_draining();
}

void session_team::fail(const std::string& what) {
  if (!problem_)
    problem_ = describe(plan_) + "; stint " + std::to_string(stint_number_) + ": " + describe(stint_) + ": " + what;
}

} // namespace dispatch::chaos
