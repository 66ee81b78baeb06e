#include "actors/policy/order/epoch_order.hpp"

#include <algorithm>

namespace dispatch::policy {

namespace {

constexpr std::uint64_t part_of_blocks = 0;

std::uint64_t part_of_window(std::int64_t window) {
  return static_cast<std::uint64_t>(window) + 1;
}

std::uint64_t seed_of(const order_spec& spec) {
  return spec.shuffle ? spec.shuffle->seed : 0;
}

} // namespace

// -- a window ---------------------------------------------------------------------------------------------------------

row_place window_order::at(std::int64_t position) const noexcept {
  const auto number = samples_.at(position - begin_);
  auto slot = first_slot_ + number / block_size_;
  if (short_slot_ >= 0 && slot >= short_slot_)
    slot = slot == first_slot_ + slots_ - 1 ? short_slot_ : slot + 1;
  return {blocks_.at(slot), number % block_size_};
}

std::int64_t window_order::position_of(std::int64_t slot, std::int64_t row) const noexcept {
  auto place = slot;
  if (short_slot_ >= 0 && slot >= short_slot_)
    place = slot == short_slot_ ? first_slot_ + slots_ - 1 : slot - 1;
  return begin_ + samples_.inverse((place - first_slot_) * block_size_ + row);
}

// -- an epoch ---------------------------------------------------------------------------------------------------------

epoch_order::epoch_order(const order_spec& spec, std::uint64_t epoch)
  : spec_(spec),
    epoch_(epoch),
    block_count_((spec.samples - 1) / spec.block + 1),
    missing_rows_(block_count_ * spec.block - spec.samples),
    window_(std::min(spec.shuffle ? spec.shuffle->window : block_count_, block_count_)),
    blocks_(permutation_key(seed_of(spec), epoch, part_of_blocks), block_count_),
    short_slot_(blocks_.inverse(block_count_ - 1)) {}

std::int64_t epoch_order::begin_of(std::int64_t window) const noexcept {
  return window * window_ * spec_.block - (window > short_slot_ / window_ ? missing_rows_ : 0);
}

std::int64_t epoch_order::window_of(std::int64_t position) const noexcept {
  const auto of_short = short_slot_ / window_;
  if (of_short + 1 < windows() && position >= begin_of(of_short + 1))
    return (position + missing_rows_) / (window_ * spec_.block);
  return std::min(position / (window_ * spec_.block), of_short);
}

window_order epoch_order::window(std::int64_t index) const noexcept {
  const auto end = index + 1 < windows() ? begin_of(index + 1) : spec_.samples;
  const auto key = permutation_key(seed_of(spec_), epoch_, part_of_window(index));
  window_order result{blocks_, keyed_permutation{key, end - begin_of(index)}};
  result.begin_ = begin_of(index);
  result.block_size_ = spec_.block;
  result.first_slot_ = index * window_;
  result.slots_ = std::min(window_, block_count_ - result.first_slot_);
  result.short_slot_ = short_slot_ / window_ == index ? short_slot_ : -1;
  return result;
}

std::vector<std::int64_t> epoch_order::blocks_of(std::int64_t window) const {
  std::vector<std::int64_t> result;
  const auto end = std::min((window + 1) * window_, block_count_);
  for (auto slot = window * window_; slot < end; ++slot)
    result.push_back(blocks_.at(slot));
  return result;
}

row_place epoch_order::at(std::int64_t position) const noexcept {
  if (!spec_.shuffle)
    return {position / spec_.block, position % spec_.block};
  return window(window_of(position)).at(position);
}

std::int64_t epoch_order::sample_at(std::int64_t position) const noexcept {
  const auto [block, row] = at(position);
  return block * spec_.block + row;
}

std::int64_t epoch_order::position_of(std::int64_t sample) const noexcept {
  if (!spec_.shuffle)
    return sample;
  const auto slot = blocks_.inverse(sample / spec_.block);
  return window(slot / window_).position_of(slot, sample % spec_.block);
}

std::int64_t epoch_order::rows_of(std::int64_t block) const noexcept {
  return block == block_count_ - 1 ? spec_.block - missing_rows_ : spec_.block;
}

} // namespace dispatch::policy
