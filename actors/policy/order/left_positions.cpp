#include "actors/policy/order/left_positions.hpp"

#include <algorithm>

namespace dispatch::policy {

left_positions::left_positions(std::int64_t samples, std::vector<position_range> skipped) : samples_(samples) {
  std::sort(skipped.begin(), skipped.end(), [](position_range a, position_range b) { return a.from < b.from; });
  const auto add_run = [this](std::int64_t from, std::int64_t to) {
    if (from >= to)
      return;
    runs_.push_back({{from, to}, count_});
    count_ += to - from;
  };
  std::int64_t from = 0;
  for (const auto& range : skipped) {
    add_run(from, std::min(range.from, samples));
    from = std::max(from, range.to);
  }
  add_run(from, samples);
}

template <class Key>
const left_positions::run* left_positions::last_run(std::int64_t value, Key key) const noexcept {
  const auto next = std::upper_bound(runs_.begin(), runs_.end(), value,
                                     [key](std::int64_t left, const run& right) { return left < key(right); });
  return next == runs_.begin() ? nullptr : &*std::prev(next);
}

std::int64_t left_positions::number_at(std::int64_t position) const noexcept {
  const auto* found = last_run(position, [](const run& each) { return each.positions.from; });
  return found == nullptr ? 0 : found->number + std::min(position - found->positions.from, found->positions.size());
}

std::int64_t left_positions::position_of(std::int64_t number) const noexcept {
  if (number >= count_)
    return samples_;
  const auto* found = last_run(number, [](const run& each) { return each.number; });
  return found->positions.from + number - found->number;
}

void left_positions::append(std::int64_t from, std::int64_t to, std::vector<position_range>& out) const {
  const auto* found = last_run(from, [](const run& each) { return each.number; });
  for (; from < to; ++found) {
    const auto begin = found->positions.from + from - found->number;
    const auto end = std::min(found->positions.to, begin + to - from);
    out.push_back({begin, end});
    from += end - begin;
  }
}

} // namespace dispatch::policy
