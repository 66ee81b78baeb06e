#include "actors/policy/order/slot_pass.hpp"

#include <algorithm>
#include <utility>

namespace dispatch::policy {

namespace {

/// The kernel takes less for a client that does not read.
constexpr std::uint64_t reads_after = std::uint64_t{1} << 20;

void add(session_tally& to, const session_tally& more) {
  to.batches += more.batches;
  to.samples += more.samples;
  to.padded += more.padded;
  to.dropped += more.dropped;
  to.skipped += more.skipped;
}

} // namespace

// -- asking -----------------------------------------------------------------------------------------------------------

std::size_t slot_pass::room() const noexcept {
  return lookahead_.size() - std::min(slots_.size() + unsent_, lookahead_.size());
}

session_pass::wanted slot_pass::append(time_point now, std::uint64_t epoch, shard_batch batch, bool is_redelivered) {
  auto& added = append(epoch, asked{now});
  added.block = block_of(batch);
  added.batch = std::move(batch);
  added.is_redelivered = is_redelivered;
  return wanted_of(added);
}

void slot_pass::append_epoch_end(std::uint64_t epoch, std::int64_t dropped, std::int64_t skipped) {
  epoch_over end{epoch, {}};
  end.given.dropped = static_cast<std::uint64_t>(dropped);
  end.given.skipped = static_cast<std::uint64_t>(skipped);
  append(epoch, std::move(end));
}

void slot_pass::append_end() {
  append(0, all_over{});
}

session_pass::wanted slot_pass::wanted_of(const slot& of) {
  return {of.ticket, of.epoch, of.batch.positions, of.block};
}

slot_pass::slot& slot_pass::append(std::uint64_t epoch, decltype(slot::what) what) {
  slots_.push_back({next_ticket_++, epoch, {}, {}, false, std::move(what)});
  return slots_.back();
}

std::optional<std::int32_t> slot_pass::block_of(const shard_batch& batch) const {
  const auto& order = order_;
  if (order.shuffle || batch.positions.size() != 1)
    return std::nullopt;
  const auto range = batch.positions.front();
  const auto end = std::min(range.from + order.block, order.samples);
  if (range.from % order.block != 0 || range.to != end)
    return std::nullopt;
  return static_cast<std::int32_t>(range.from / order.block);
}

// -- answers ----------------------------------------------------------------------------------------------------------

const slot_pass::slot* slot_pass::find_awaited(std::uint64_t ticket) const {
  if (slots_.empty() || ticket < slots_.front().ticket || ticket - slots_.front().ticket >= slots_.size())
    return nullptr;
  const auto& found = slots_[ticket - slots_.front().ticket];
  return std::holds_alternative<asked>(found.what) ? &found : nullptr;
}

const slot_pass::slot* slot_pass::find_awaiting(std::int32_t block) const {
  const auto found = std::find_if(slots_.begin(), slots_.end(), [block](const slot& each) {
    return each.block == block && std::holds_alternative<asked>(each.what);
  });
  return found != slots_.end() ? &*found : nullptr;
}

std::optional<session_pass::wanted> slot_pass::ask_again(std::uint64_t ticket, time_point now) {
  const auto* found = find_awaited(ticket);
  return settle(found, asked{now}) ? std::optional{wanted_of(*found)} : std::nullopt;
}

bool slot_pass::ask_block_again(std::int32_t index, time_point now) {
  return settle(find_awaiting(index), asked{now});
}

bool slot_pass::settle(const slot* found, decltype(slot::what) what) {
  if (found == nullptr)
    return false;
  slots_[found->ticket - slots_.front().ticket].what = std::move(what);
  return true;
}

bool slot_pass::block_arrived(const batch_ptr& block) {
  return settle(find_awaiting(block->index()), block->received());
}

bool slot_pass::block_failed(std::int32_t index, const failure& reason) {
  return settle(find_awaiting(index), reason);
}

bool slot_pass::rows_arrived(std::uint64_t ticket, content rows) {
  return settle(find_awaited(ticket), std::move(rows));
}

bool slot_pass::rows_failed(std::uint64_t ticket, const failure& reason) {
  return settle(find_awaited(ticket), reason);
}

std::vector<session_pass::wanted> slot_pass::ask_again(time_point now) {
  std::vector<wanted> result;
  for (auto& each : slots_) {
    if (!std::holds_alternative<asked>(each.what))
      continue;
    each.what = asked{now};
    result.push_back(wanted_of(each));
  }
  return result;
}

bool slot_pass::is_next_block(std::int32_t index) const {
  return !slots_.empty() && slots_.front().block == index;
}

bool slot_pass::is_next(std::uint64_t ticket) const {
  return !slots_.empty() && slots_.front().ticket == ticket;
}

std::optional<session_pass::time_point> slot_pass::waits_since() const {
  const auto* front = slots_.empty() ? nullptr : std::get_if<asked>(&slots_.front().what);
  return front != nullptr ? std::optional{front->at} : std::nullopt;
}

// -- departures -------------------------------------------------------------------------------------------------------

std::int64_t slot_pass::batch_index() const noexcept {
  return tallies_.empty() ? 0 : static_cast<std::int64_t>(tallies_.rbegin()->second.batches);
}

std::optional<session_pass::departure> slot_pass::depart() {
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
    auto content = std::move(*rows);
    return depart(std::move(next), std::move(content));
  }
  if (auto* end = std::get_if<epoch_over>(&next.what))
    return depart(std::move(*end));
  is_over_ = true;
  return all_over{total_};
}

session_pass::ready_batch slot_pass::depart(slot&& next, content&& rows) {
  const auto& batch = next.batch;
  departing_epoch_ = next.epoch;
  auto& tally = tallies_[next.epoch];
  ++tally.batches;
  tally.samples += static_cast<std::uint64_t>(batch.samples);
  tally.padded += static_cast<std::uint64_t>(batch.padded);
  return {next.epoch, batch.step_position, batch.next_position, batch.samples, std::move(rows), next.is_redelivered};
}

session_pass::epoch_over slot_pass::depart(epoch_over&& end) {
  departing_epoch_ = end.epoch + 1;
  add(end.given, tallies_[end.epoch]);
  tallies_.erase(end.epoch);
  add(total_, end.given);
  return std::move(end);
}

void slot_pass::written(time_point now, std::size_t messages, std::uint64_t bytes) {
  unsent_ -= std::min(messages, unsent_);
  lookahead_.written(now, messages, bytes, unsent_);
  const auto before = std::exchange(written_bytes_, written_bytes_ + bytes);
  if (before < reads_after && written_bytes_ >= reads_after && messages > 0)
    lookahead_.begin(bytes / messages);
}

} // namespace dispatch::policy
