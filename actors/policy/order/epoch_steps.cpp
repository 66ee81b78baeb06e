#include "actors/policy/order/epoch_steps.hpp"

#include <algorithm>
#include <utility>

namespace dispatch::policy {

epoch_steps::epoch_steps(left_positions left, options opts, std::int64_t from)
  : left_(std::move(left)),
    options_(opts),
    first_(left_.number_at(from)),
    batches_(count_batches()) {}

std::int64_t epoch_steps::count_batches() const noexcept {
  const auto full = (left_.count() - first_) / step();
  switch (options_.ends) {
  case epoch_end::drop:
    return full;
  case epoch_end::pad:
    return full + (rest() > 0 ? 1 : 0);
  case epoch_end::uneven:
    break;
  }
  return full + (rest() > options_.shard.index * options_.batch_size ? 1 : 0);
}

shard_batch epoch_steps::batch(std::int64_t index) const {
  shard_batch result;
  const auto step_begin = first_ + index * step();
  const auto begin = step_begin + options_.shard.index * options_.batch_size;
  const auto end = begin + options_.batch_size;
  result.step_position = left_.position_of(step_begin);
  result.next_position = left_.position_of(step_begin + step());
  const auto there = std::min(end, left_.count());
  if (begin < there)
    left_.append(begin, there, result.positions);
  if (options_.ends == epoch_end::pad && end > left_.count()) {
    const auto from = std::max(begin, left_.count());
    result.padded = end - from;
    append_padding(from - left_.count(), result.padded, result.positions);
  }
  for (const auto& range : result.positions)
    result.samples += range.size();
  return result;
}

std::optional<batch_place> epoch_steps::place_of(std::int64_t position) const noexcept {
  const auto number = left_.number_at(position);
  const auto is_skipped = left_.number_at(position + 1) == number;
  const auto is_dropped = number >= left_.count() - dropped();
  if (is_skipped || is_dropped || number < first_)
    return std::nullopt;
  return place_at(number - first_);
}

std::optional<batch_place> epoch_steps::padding_place_of(std::int64_t position) const noexcept {
  const auto number = left_.number_at(position);
  const auto is_skipped = left_.number_at(position + 1) == number;
  const auto padded = options_.ends == epoch_end::pad && rest() > 0 ? step() - rest() : 0;
  if (is_skipped || number >= padded)
    return std::nullopt;
  return place_at(left_.count() - first_ + number);
}

batch_place epoch_steps::place_at(std::int64_t number) const noexcept {
  const auto in_step = number % step();
  return {number / step(), in_step / options_.batch_size, in_step % options_.batch_size};
}

void epoch_steps::append_padding(std::int64_t from, std::int64_t count, std::vector<position_range>& out) const {
  // A step may be larger than the epoch: then it is filled with it again and again.
  while (count > 0) {
    const auto begin = from % left_.count();
    const auto taken = std::min(count, left_.count() - begin);
    left_.append(begin, begin + taken, out);
    from += taken;
    count -= taken;
  }
}

epoch_steps steps_of_epoch(const order_spec& order, const std::vector<skipped_range>& skips, epoch_steps::options opts,
                           std::uint64_t epoch, std::int64_t from) {
  std::vector<position_range> skipped;
  for (const auto& each : skips)
    if (each.epoch == epoch)
      skipped.push_back(each.positions);
  return {left_positions{order.samples, std::move(skipped)}, opts, from};
}

} // namespace dispatch::policy
