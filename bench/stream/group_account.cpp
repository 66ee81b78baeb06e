#include "bench/stream/group_account.hpp"

#include <algorithm>

namespace dispatch::bench {

void group_account::add_batch(std::int64_t epoch, bool is_redelivered) {
  auto& count = epochs_[epoch];
  ++count.batches;
  count.redelivered += is_redelivered ? 1 : 0;
}

void group_account::merge(const group_account& other) {
  for (const auto& [epoch, theirs] : other.epochs_) {
    auto& count = epochs_[epoch];
    count.batches += theirs.batches;
    count.redelivered += theirs.redelivered;
    count.is_over = count.is_over || theirs.is_over;
  }
}

std::uint64_t group_account::epochs_over() const {
  return static_cast<std::uint64_t>(
    std::count_if(epochs_.begin(), epochs_.end(), [](const auto& each) { return each.second.is_over; }));
}

std::uint64_t group_account::redelivered() const {
  std::int64_t sum = 0;
  for (const auto& [epoch, count] : epochs_)
    sum += count.redelivered;
  return static_cast<std::uint64_t>(sum);
}

std::uint64_t group_account::wrong_epochs(std::int64_t expected) const {
  const auto is_wrong = [expected](const auto& each) {
    const auto& count = each.second;
    return count.is_over && (count.batches < expected || count.batches - count.redelivered > expected);
  };
  return static_cast<std::uint64_t>(std::count_if(epochs_.begin(), epochs_.end(), is_wrong));
}

} // namespace dispatch::bench
