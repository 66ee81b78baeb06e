#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace dispatch::policy {

/// How many batches a consumer may be ahead of its socket. One that takes at once what it gets waits for its dataset
/// service, and gets more of it under way at a time; one that is behind anyway needs no more than a few.
class lookahead {
public:
  /// Equal `least` and `most` make a number that never changes.
  struct options {
    /// For a consumer that is slow; at least 1.
    std::size_t least = 8;
    /// Enough for 12,800 batches a second from a service with 5 ms latency.
    std::size_t most = 64;
    /// It does not grow where that many batches would take more bytes.
    std::uint64_t most_bytes = std::uint64_t{16} << 20;
  };

  explicit lookahead(options opts) : options_(opts), size_(opts.least) {}

  /// The size of a batch is known now: until it falls behind, a consumer counts as fast.
  void begin(std::uint64_t batch_bytes) noexcept {
    while (size_ < options_.most && may_be(2 * size_, batch_bytes))
      size_ = std::min(2 * size_, options_.most);
  }

  std::size_t size() const noexcept { return size_; }

  /// Batches have left for the kernel, and `unsent` wait behind them.
  void written(std::size_t batches, std::uint64_t bytes, std::size_t unsent) noexcept {
    since_change_ += batches;
    since_drained_ = unsent == 0 ? 0 : since_drained_ + batches;
    if (batches == 0 || since_change_ < size_)
      return;
    // Batches come in bursts: only one who has not caught up for two windows is slow.
    if (since_drained_ >= 2 * size_)
      resize(std::max(options_.least, size_ / 2));
    else if (unsent == 0 && may_be(2 * size_, bytes / batches))
      resize(std::min(2 * size_, std::max(size_, options_.most)));
  }

private:
  bool may_be(std::size_t size, std::uint64_t batch_bytes) const noexcept {
    return batch_bytes * std::min(size, options_.most) <= options_.most_bytes;
  }

  void resize(std::size_t size) noexcept {
    size_ = size;
    since_change_ = 0;
    since_drained_ = 0;
  }

  options options_;
  std::size_t size_;
  /// How many batches have left since the size was last changed.
  std::size_t since_change_ = 0;
  /// How many have left since none was waiting.
  std::size_t since_drained_ = 0;
};

} // namespace dispatch::policy
