#include "actors/policy/order/block_reader.hpp"

#include <algorithm>
#include <utility>

namespace dispatch::policy {

const epoch_order& block_reader::order_of(std::uint64_t epoch) {
  if (current_.epoch() == epoch)
    return current_;
  if (other_ && other_->epoch() == epoch)
    return *other_;
  other_.emplace(std::exchange(current_, epoch_order{current_.spec(), epoch}));
  return current_;
}

std::int64_t block_reader::windows() const noexcept {
  return current_.spec().shuffle ? current_.windows() : (current_.blocks() - 1) / plain_window + 1;
}

window_id block_reader::window_at(std::uint64_t epoch, std::int64_t position) {
  const auto& order = order_of(epoch);
  if (order.spec().shuffle)
    return {epoch, order.window_of(position)};
  return {epoch, position / order.spec().block / plain_window};
}

bool block_reader::has(window_id window, std::int64_t block) {
  const auto& order = order_of(window.epoch);
  return (order.spec().shuffle ? order.window_with(block) : block / plain_window) == window.index;
}

std::vector<std::int64_t> block_reader::blocks_of(window_id window) {
  const auto& order = order_of(window.epoch);
  std::vector<std::int64_t> result;
  if (order.spec().shuffle) {
    result = order.blocks_of(window.index);
    std::sort(result.begin(), result.end());
    return result;
  }
  const auto end = std::min((window.index + 1) * plain_window, order.blocks());
  for (auto block = window.index * plain_window; block < end; ++block)
    result.push_back(block);
  return result;
}

std::vector<block_rows> block_reader::rows_at(std::uint64_t epoch, const std::vector<position_range>& positions) {
  const auto& order = order_of(epoch);
  std::vector<block_rows> result;
  for (const auto& range : positions)
    order.spec().shuffle ? append_shuffled(order, range, result) : append_plain(range, result);
  return result;
}

void block_reader::append_plain(position_range range, std::vector<block_rows>& out) const {
  const auto size = current_.spec().block;
  for (auto at = range.from; at < range.to;) {
    const auto end = std::min((at / size + 1) * size, range.to);
    out.push_back({at / size, at % size, end - at});
    at = end;
  }
}

void block_reader::append_shuffled(const epoch_order& order, position_range range, std::vector<block_rows>& out) const {
  for (auto at = range.from; at < range.to;) {
    const auto window = order.window(order.window_of(at));
    const auto end = std::min(window.positions().to, range.to);
    for (; at < end; ++at) {
      const auto place = window.at(at);
      out.push_back({place.block, place.row, 1});
    }
  }
}

} // namespace dispatch::policy
