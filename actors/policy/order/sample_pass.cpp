#include "actors/policy/order/sample_pass.hpp"

#include <algorithm>
#include <utility>

namespace dispatch::policy {

namespace {

/// The kernel takes less for a client that does not read.
constexpr std::uint64_t reads_after = std::uint64_t{1} << 20;

epoch_steps steps_of(const sample_pass::options& options, std::uint64_t epoch, std::int64_t position) {
  return steps_of_epoch(options.order, options.skips, options.steps, epoch, position);
}

void add(session_tally& to, const session_tally& more) {
  to.batches += more.batches;
  to.samples += more.samples;
  to.padded += more.padded;
  to.dropped += more.dropped;
  to.skipped += more.skipped;
}

} // namespace

sample_pass::sample_pass(options opts, std::uint64_t epoch, std::int64_t position)
  : options_(std::move(opts)),
    lookahead_(options_.window),
    steps_(steps_of(options_, epoch, position)) {
  epoch_ = epoch;
  epoch_batches_ = steps_.batches();
  is_asked_whole_ = options_.end_epoch && epoch >= *options_.end_epoch;
  if (is_asked_whole_)
    append(all_over{});
}

// -- asking -----------------------------------------------------------------------------------------------------------

std::optional<session_pass::wanted> sample_pass::ask(time_point now) {
  while (has_room() && !is_asked_whole_) {
    const auto& next = append_next(now);
    if (std::holds_alternative<asked>(next.what))
      return wanted_of(next);
  }
  return std::nullopt;
}

session_pass::wanted sample_pass::wanted_of(const slot& of) {
  return {of.ticket, of.epoch, of.batch.positions, of.block};
}

sample_pass::slot& sample_pass::append_next(time_point now) {
  if (next_batch_ < steps_.batches()) {
    auto& added = append(asked{now});
    added.batch = steps_.batch(next_batch_++);
    added.block = block_of(added.batch);
    return added;
  }
  epoch_over end{epoch_, {}};
  end.given.dropped = static_cast<std::uint64_t>(steps_.dropped());
  end.given.skipped = static_cast<std::uint64_t>(steps_.skipped());
  append(std::move(end));
  ++epoch_;
  is_asked_whole_ = options_.end_epoch && epoch_ >= *options_.end_epoch;
  if (is_asked_whole_)
    return append(all_over{});
  steps_ = steps_of(options_, epoch_, 0);
  next_batch_ = 0;
  return slots_.back();
}

sample_pass::slot& sample_pass::append(decltype(slot::what) what) {
  slots_.push_back({next_ticket_++, epoch_, {}, {}, std::move(what)});
  return slots_.back();
}

std::optional<std::int32_t> sample_pass::block_of(const shard_batch& batch) const {
  const auto& order = options_.order;
  if (order.shuffle || batch.positions.size() != 1)
    return std::nullopt;
  const auto range = batch.positions.front();
  const auto end = std::min(range.from + order.block, order.samples);
  if (range.from % order.block != 0 || range.to != end)
    return std::nullopt;
  return static_cast<std::int32_t>(range.from / order.block);
}

// -- answers ----------------------------------------------------------------------------------------------------------

const sample_pass::slot* sample_pass::find_awaited(std::uint64_t ticket) const {
  if (slots_.empty() || ticket < slots_.front().ticket || ticket - slots_.front().ticket >= slots_.size())
    return nullptr;
  const auto& found = slots_[ticket - slots_.front().ticket];
  return std::holds_alternative<asked>(found.what) ? &found : nullptr;
}

const sample_pass::slot* sample_pass::find_awaiting(std::int32_t block) const {
  const auto found = std::find_if(slots_.begin(), slots_.end(), [block](const slot& each) {
    return each.block == block && std::holds_alternative<asked>(each.what);
  });
  return found != slots_.end() ? &*found : nullptr;
}

std::optional<session_pass::wanted> sample_pass::ask_again(std::uint64_t ticket, time_point now) {
  const auto* found = find_awaited(ticket);
  return settle(found, asked{now}) ? std::optional{wanted_of(*found)} : std::nullopt;
}

bool sample_pass::ask_block_again(std::int32_t index, time_point now) {
  return settle(find_awaiting(index), asked{now});
}

bool sample_pass::settle(const slot* found, decltype(slot::what) what) {
  if (found == nullptr)
    return false;
  slots_[found->ticket - slots_.front().ticket].what = std::move(what);
  return true;
}

bool sample_pass::block_arrived(const batch_ptr& block) {
  return settle(find_awaiting(block->index()), block->received());
}

bool sample_pass::block_failed(std::int32_t index, const failure& reason) {
  return settle(find_awaiting(index), reason);
}

bool sample_pass::rows_arrived(std::uint64_t ticket, content rows) {
  return settle(find_awaited(ticket), std::move(rows));
}

bool sample_pass::rows_failed(std::uint64_t ticket, const failure& reason) {
  return settle(find_awaited(ticket), reason);
}

std::vector<session_pass::wanted> sample_pass::ask_again(time_point now) {
  std::vector<wanted> result;
  for (auto& each : slots_) {
    if (!std::holds_alternative<asked>(each.what))
      continue;
    each.what = asked{now};
    result.push_back(wanted_of(each));
  }
  return result;
}

bool sample_pass::is_next_block(std::int32_t index) const {
  return !slots_.empty() && slots_.front().block == index;
}

bool sample_pass::is_next(std::uint64_t ticket) const {
  return !slots_.empty() && slots_.front().ticket == ticket;
}

std::optional<session_pass::time_point> sample_pass::waits_since() const {
  const auto* front = slots_.empty() ? nullptr : std::get_if<asked>(&slots_.front().what);
  return front != nullptr ? std::optional{front->at} : std::nullopt;
}

// -- departures -------------------------------------------------------------------------------------------------------

std::optional<session_pass::departure> sample_pass::depart() {
  if (is_over_ || slots_.empty() || std::holds_alternative<asked>(slots_.front().what))
    return std::nullopt;
  auto next = std::move(slots_.front());
  slots_.pop_front();
  ++unsent_;
  if (auto* reason = std::get_if<failure>(&next.what)) {
    is_over_ = true;
    return std::move(*reason);
  }
  if (auto* rows = std::get_if<content>(&next.what)) {
    note_departed(next.batch);
    return ready_batch{next.epoch, next.batch.step_position, next.batch.next_position, next.batch.samples,
                       std::move(*rows)};
  }
  if (auto* end = std::get_if<epoch_over>(&next.what)) {
    epoch_tally_.dropped = end->given.dropped;
    epoch_tally_.skipped = end->given.skipped;
    add(total_, epoch_tally_);
    end->given = std::exchange(epoch_tally_, {});
    epoch_batches_ = steps_of(options_, end->epoch + 1, 0).batches();
    batches_departed_ = 0;
    return std::move(*end);
  }
  is_over_ = true;
  return all_over{total_};
}

void sample_pass::note_departed(const shard_batch& batch) {
  ++batches_departed_;
  ++epoch_tally_.batches;
  epoch_tally_.samples += static_cast<std::uint64_t>(batch.samples);
  epoch_tally_.padded += static_cast<std::uint64_t>(batch.padded);
}

void sample_pass::written(time_point now, std::size_t messages, std::uint64_t bytes) {
  unsent_ -= std::min(messages, unsent_);
  lookahead_.written(now, messages, bytes, unsent_);
  const auto before = std::exchange(written_bytes_, written_bytes_ + bytes);
  if (before < reads_after && written_bytes_ >= reads_after && messages > 0)
    lookahead_.begin(bytes / messages);
}

} // namespace dispatch::policy
