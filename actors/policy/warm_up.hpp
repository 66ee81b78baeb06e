#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <vector>

namespace dispatch::policy {

/// Which batches of a dataset are read into the cache while no consumer wants anything: all of them, once, from the
/// first one on. The first shows whether the dataset is small enough:
///
///     it fits if batches * bytes of the first batch <= capacity / 2
///
/// So what consumers read besides has the other half.
class warm_up {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// How many batches may be under way. They hide the latency of the upstream, and a consumer that comes waits for the
  /// upstream to answer no more than these.
  static constexpr std::size_t most_under_way = 8;

  /// How long no consumer has wanted anything before reading goes on.
  static constexpr std::chrono::seconds quiet_time{1};

  /// Reads a dataset of so many batches.
  void begin(std::int32_t batches);

  /// The first batch shows that there are so many.
  void learn(std::int32_t batches) { batches_ = batches; }

  /// Reads nothing more.
  /// @returns what is under way
  std::vector<std::int32_t> end();

  bool is_reading() const noexcept { return next_ < batches_ || !under_way_.empty(); }

  /// A consumer wants something. What is under way is to be read later.
  /// @returns what is under way
  std::vector<std::int32_t> yield(time_point now);

  /// The next batch to ask for, unless it is there; it then counts as under way. Nothing: not now.
  std::optional<std::int32_t> next(time_point now);

  bool is_under_way(std::int32_t index) const { return under_way_.count(index) > 0; }

  /// A batch has come, cannot be had, or was there.
  void arrived(std::int32_t index) { under_way_.erase(index); }

  /// Whether the dataset is small enough for this cache.
  static bool fits(std::int64_t batches, std::size_t first_bytes, std::size_t capacity_bytes) noexcept {
    return static_cast<double>(batches) * static_cast<double>(first_bytes) <= static_cast<double>(capacity_bytes) / 2;
  }

private:
  /// Only the first batch is asked for until it is there.
  bool waits_for_first() const { return under_way_.count(0) > 0; }

  std::vector<std::int32_t> take_under_way();

  std::int32_t batches_ = 0;
  std::int32_t next_ = 0;
  std::set<std::int32_t> under_way_;
  time_point quiet_until_{};
};

} // namespace dispatch::policy
