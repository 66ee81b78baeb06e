#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace dispatch::policy {

/// How many batches a consumer may be ahead of its socket. One that takes at once what it gets waits for its dataset
/// service, and gets more of it under way at a time; one that is slow needs no more than a few. What is between the two
/// stays as it is: a long way ahead means few messages.
class lookahead {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using duration = std::chrono::steady_clock::duration;

  /// Equal `least` and `most` make a number that never changes.
  struct options {
    /// For a consumer that is slow; at least 1.
    std::size_t least = 8;
    /// Enough to have 64 calls under way, 12,800 batches a second from a service with 5 ms latency, while as many
    /// batches wait for the socket.
    std::size_t most = 128;
    /// It does not grow where that many batches would take more bytes.
    std::uint64_t most_bytes = std::uint64_t{16} << 20;
    /// A consumer that takes longer for as many batches as it may be ahead, and never has none waiting, is slow.
    duration slow_after = std::chrono::seconds{1};
  };

  explicit lookahead(options opts) : options_(opts), size_(opts.least) {}

  /// The size of a batch is known now: until it falls behind, a consumer counts as fast.
  void begin(std::uint64_t batch_bytes) noexcept {
    while (size_ < options_.most && may_be(2 * size_, batch_bytes))
      size_ = std::min(2 * size_, options_.most);
  }

  std::size_t size() const noexcept { return size_; }

  /// Batches have left for the kernel, and `unsent` wait behind them.
  void written(time_point now, std::size_t batches, std::uint64_t bytes, std::size_t unsent) noexcept {
    since_change_ += batches;
    drained_ = drained_ || unsent == 0;
    if (batches == 0 || since_change_ < size_)
      return;
    const auto taken_for = now - changed_at_;
    if (unsent == 0 && may_be(2 * size_, bytes / batches))
      resize(std::max(size_, std::min(2 * size_, options_.most)), now);
    else if (!drained_ && taken_for > options_.slow_after)
      resize(std::max(options_.least, size_ / 2), now);
    else
      resize(size_, now);
  }

private:
  bool may_be(std::size_t size, std::uint64_t batch_bytes) const noexcept {
    return batch_bytes * std::min(size, options_.most) <= options_.most_bytes;
  }

  /// A new round begins.
  void resize(std::size_t size, time_point now) noexcept {
    size_ = size;
    since_change_ = 0;
    drained_ = false;
    changed_at_ = now;
  }

  options options_;
  std::size_t size_;
  /// How many batches have left in this round.
  std::size_t since_change_ = 0;
  /// Whether none waited at some time in it.
  bool drained_ = false;
  time_point changed_at_{};
};

} // namespace dispatch::policy
