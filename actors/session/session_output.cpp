#include "actors/session/session_output.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace dispatch {

namespace {

void append_line(std::string line, pieces& out) {
  out.push_back({shared_bytes{std::move(line)}, true});
}

} // namespace

void session_output::begin(session_plan_ptr plan, const hello& asked, const std::string& id,
                           const std::optional<group_welcome>& group, pieces& out) {
  plan_ = std::move(plan);
  encoder_.emplace(plan_->wanted_columns, batch_encoder::options{asked.payload, asked.has_checksum});
  cursors_.emplace(plan_->cursor_at(plan_->epoch, plan_->position));
  cursors_epoch_ = plan_->epoch;
  place_ = left_place_ = {plan_->epoch, plan_->position};
  for (auto& each : unsent_)
    each.place = place_;
  auto line = welcome_of(id);
  if (asked.has_acks())
    line.acks = asked.acks;
  line.group = group;
  append(encode_welcome(line), out);
}

welcome session_output::welcome_of(const std::string& id) const {
  const auto is_counted = plan_->counts_samples();
  return {id,
          plan_->dataset(),
          plan_->fingerprint,
          is_counted ? std::optional{plan_->order.samples} : std::nullopt,
          is_counted ? std::optional{plan_->batches_of_epoch()} : std::nullopt,
          plan_->steps.batch_size,
          plan_->end_epoch,
          plan_->order,
          plan_->steps.shard,
          plan_->wanted_columns,
          cursor()};
}

void session_output::append(policy::session_pass::departure&& what, pieces& out) {
  if (auto* next = std::get_if<policy::session_pass::ready_batch>(&what)) {
    append_batch(std::move(*next), out);
  } else if (const auto* end = std::get_if<policy::session_pass::epoch_over>(&what)) {
    note_end({end->epoch + 1, 0});
    append_line(encode_epoch(end->epoch, end->given, cursor()), out);
  } else if (const auto* all = std::get_if<policy::session_pass::all_over>(&what)) {
    note_end(place_);
    append_line(encode_eof(all->given, cursor()), out);
  }
}

void session_output::append_batch(policy::session_pass::ready_batch&& next, pieces& out) {
  place_ = {next.epoch, next.next_position};
  if (std::exchange(cursors_epoch_, next.epoch) != next.epoch)
    cursors_.emplace(plan_->cursor_at(next.epoch, 0));
  encoder_->encode(
    {sequence_++, next.epoch, next.position, next.samples, cursors_->text(next.next_position), next.is_redelivered},
    next.rows, out);
  unsent_.push_back({note::kind::batch, place_});
  ++unsent_batches_;
}

void session_output::note_end(epoch_position place) {
  place_ = place;
  unsent_.push_back({note::kind::end, place_});
}

void session_output::append(std::string line, pieces& out) {
  append_line(std::move(line), out);
  unsent_.push_back({note::kind::line, place_});
  ++unsent_lines_;
}

session_output::tally session_output::left(std::size_t messages) {
  tally result;
  for (; messages > 0 && !unsent_.empty(); --messages) {
    const auto& first = unsent_.front();
    result.batches += first.what == note::kind::batch ? 1 : 0;
    unsent_batches_ -= first.what == note::kind::batch ? 1 : 0;
    if (first.what == note::kind::line)
      --unsent_lines_;
    else
      ++result.of_pass;
    left_place_ = first.place;
    ++left_;
    unsent_.pop_front();
  }
  return result;
}

void session_output::dropped_behind(std::uint64_t messages) {
  while (left_ + unsent_.size() > messages && !unsent_.empty()) {
    unsent_lines_ -= unsent_.back().what == note::kind::line ? 1 : 0;
    unsent_batches_ -= unsent_.back().what == note::kind::batch ? 1 : 0;
    unsent_.pop_back();
  }
  place_ = unsent_.empty() ? left_place_ : unsent_.back().place;
}

std::string session_output::cursor_at(epoch_position place) const {
  return plan_ != nullptr ? to_text(plan_->cursor_at(place.epoch, place.position)) : std::string{};
}

} // namespace dispatch
