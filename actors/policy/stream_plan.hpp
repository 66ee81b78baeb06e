#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <set>
#include <vector>

namespace dispatch::policy {

/// Which wanted batches a stream will bring, and how far it is to be read: no further than consumers want.
class stream_plan {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// @param reach how far ahead of the stream, and of what was wanted of it, a batch may be that is left to it
  explicit stream_plan(std::int32_t reach) : reach_(reach) {}

  /// A new stream stands at its first batch.
  void begin(time_point now) {
    position_ = 0;
    reads_ = 0;
    frontier_ = 0;
    wanted_.clear();
    progress_at_ = now;
  }

  /// Whether the stream is to bring batch `index`: one that is ahead of it, and near what was wanted of it before. How
  /// far its consumers have gone while it rested makes no difference.
  bool covers(std::int32_t index) const noexcept {
    return index >= position_ && index < std::int64_t{std::max(position_, frontier_)} + reach_;
  }

  /// Batch `index`, which it covers, is left to the stream.
  void want(std::int32_t index, time_point now) {
    if (wanted_.empty() && reads_ == 0)
      progress_at_ = now;
    wanted_.insert(index);
    frontier_ = std::max(frontier_, index);
  }

  void unwant(std::int32_t index) { wanted_.erase(index); }

  bool wants(std::int32_t index) const { return wanted_.count(index) > 0; }

  /// How many reads are to be started now; they count as started.
  std::int32_t start_reads() {
    const auto furthest = wanted_.empty() ? position_ - 1 : *wanted_.rbegin();
    const auto needed = std::min(furthest - position_ + 1, reads_at_a_time());
    const auto added = std::max(needed - reads_, 0);
    reads_ += added;
    return added;
  }

  /// A read brought the batch at the position.
  /// @returns since when it had been waited for; nothing where it had not
  std::optional<time_point> arrived(time_point now) {
    const auto was_waited_for = !wanted_.empty();
    const auto since = progress_at_;
    wanted_.erase(position_++);
    --reads_;
    progress_at_ = now;
    return was_waited_for ? std::optional<time_point>{since} : std::nullopt;
  }

  /// Takes out the first `count` batches that are wanted and that no read under way brings; none where there are fewer.
  std::vector<std::int32_t> release_first(std::size_t count) {
    const auto first = wanted_.lower_bound(position_ + reads_);
    if (static_cast<std::size_t>(std::distance(first, wanted_.end())) < count)
      return {};
    const std::vector<std::int32_t> released(first, std::next(first, static_cast<std::ptrdiff_t>(count)));
    wanted_.erase(first, std::next(first, static_cast<std::ptrdiff_t>(count)));
    return released;
  }

  /// The stream is no more.
  /// @returns what was left to it
  std::vector<std::int32_t> end() {
    std::vector<std::int32_t> left(wanted_.begin(), wanted_.end());
    wanted_.clear();
    reads_ = 0;
    return left;
  }

  /// Whether nothing is wanted of it.
  bool idle() const noexcept { return wanted_.empty(); }

  bool reading() const noexcept { return reads_ > 0; }

  /// When the last batch came, or one was wanted after nothing was.
  time_point progress_at() const noexcept { return progress_at_; }

private:
  /// More keep a fast stream running between two looks; but what a slow one was asked for already has to be waited for
  /// when calls take over, and that a stream is slow shows at its first batches.
  std::int32_t reads_at_a_time() const noexcept { return std::clamp(position_ / 2, 2, 16); }

  std::int32_t reach_;
  /// Index of the batch that the next answer to a read brings.
  std::int32_t position_ = 0;
  std::int32_t reads_ = 0;
  /// The furthest batch that was wanted of it.
  std::int32_t frontier_ = 0;
  std::set<std::int32_t> wanted_;
  time_point progress_at_{};
};

} // namespace dispatch::policy
