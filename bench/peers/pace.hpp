#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>

namespace dispatch::bench {

/// Keeps a publisher from being too far before the slowest consumer: a broker would keep all between them in memory,
/// and NATS would cut the consumer.
class pace {
public:
  /// @param ahead frames that the publisher may be before the slowest consumer
  explicit pace(std::size_t ahead) : ahead_(ahead) {}

  /// For the publisher: waits until the next frame may be published.
  /// @returns false when no consumer is left
  bool wait_for_room();

  /// For the consumers: so many frames has the slowest of them had.
  void taken(std::uint64_t frames);

  /// No consumer is left, or the publisher has failed.
  void close();

  bool closed();

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t ahead_;
  std::uint64_t published_ = 0;
  std::uint64_t taken_ = 0;
  bool closed_ = false;
};

} // namespace dispatch::bench
