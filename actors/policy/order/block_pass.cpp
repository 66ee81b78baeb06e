#include "actors/policy/order/block_pass.hpp"

#include <algorithm>
#include <utility>

namespace dispatch::policy {

block_pass::block_pass(options opts, std::uint64_t epoch, std::int64_t position)
  : options_(std::move(opts)),
    epoch_(epoch),
    first_(static_cast<std::int32_t>(position)),
    pass_(new_pass(first_)) {
  if (is_over())
    ready_.push_back(all_over{});
}

pass block_pass::new_pass(std::int32_t first) const {
  pass result{{options_.asked_block, options_.window}};
  // A pass that begins behind the described end asks for nothing, so no answer would end it.
  const auto described = batch_total(options_.description.total_samples, options_.asked_block);
  if (!described || first < *described)
    result.describe(options_.description);
  result.begin(first);
  return result;
}

std::optional<session_pass::wanted> block_pass::ask(time_point now) {
  if (is_over())
    return std::nullopt;
  if (to_ask_.count == 0)
    to_ask_ = pass_.ask(now).value_or(pass::range{});
  if (to_ask_.count == 0)
    return std::nullopt;
  --to_ask_.count;
  const auto index = to_ask_.first++;
  return wanted{static_cast<std::uint64_t>(index), epoch_, {}, index};
}

bool block_pass::block_arrived(const batch_ptr& block) {
  const auto was_awaited = pass_.arrived(block);
  take_departures();
  return was_awaited;
}

bool block_pass::block_failed(std::int32_t index, const failure& reason) {
  // An epoch that goes on where there is nothing was left at its end.
  if (reason.code == status_code::out_of_range && index == first_ && index > 0 && pass_.position() == first_) {
    end_epoch();
    return true;
  }
  const auto was_awaited = pass_.failed(index, reason);
  take_departures();
  return was_awaited;
}

void block_pass::take_departures() {
  auto out = pass_.depart();
  for (auto& [block, is_last] : out.batches) {
    ready_.push_back(
      ready_batch{epoch_, block->index(), std::int64_t{block->index()} + 1, std::nullopt, block->received()});
    ++epoch_tally_.batches;
  }
  if (out.broken)
    ready_.push_back(std::move(*out.broken));
  else if (out.is_end)
    end_epoch();
}

void block_pass::end_epoch() {
  total_.batches += epoch_tally_.batches;
  ready_.push_back(epoch_over{epoch_++, std::exchange(epoch_tally_, {})});
  first_ = 0;
  to_ask_ = {};
  if (is_over())
    ready_.push_back(all_over{total_});
  else
    pass_ = new_pass(0);
}

std::optional<session_pass::time_point> block_pass::waits_since() const {
  return ready_.empty() ? pass_.next_asked_at() : std::nullopt;
}

std::optional<session_pass::departure> block_pass::depart() {
  if (ready_.empty())
    return std::nullopt;
  auto next = std::move(ready_.front());
  ready_.pop_front();
  ++unsent_;
  return next;
}

void block_pass::written(time_point now, std::size_t messages, std::uint64_t bytes) {
  unsent_ -= std::min(messages, unsent_);
  pass_.written(now, messages, bytes);
}

} // namespace dispatch::policy
