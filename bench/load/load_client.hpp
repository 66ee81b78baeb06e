#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/load/server_addresses.hpp"
#include "bench/load/tally.hpp"
#include "bench/stream/stream_check.hpp"
#include "io/unique_fd.hpp"

namespace dispatch::bench {

/// One consumer: a connection, the check of what comes, and its times. Belongs to one thread.
class load_client {
public:
  using clock = std::chrono::steady_clock;

  /// What a read has led to.
  enum class state {
    waiting, ///< nothing more to read now
    reading, ///< bytes have come
    refused, ///< nobody listens at this address
    ended,   ///< the pass is over, for better or worse; see `check()`
    lost,    ///< the connection failed
  };

  /// What a client does.
  struct manner {
    /// Bytes that it reads in a second; nothing: as fast as it can.
    std::optional<std::size_t> rate;
    /// What it says at the beginning of each pass; empty: nothing.
    std::string hello{};
    /// It says which batches have come.
    bool acknowledges = false;
  };

  explicit load_client(manner how) : how_(std::move(how)) {}

  bool slow() const noexcept { return how_.rate.has_value(); }

  /// Begins a pass: connects without waiting for an answer.
  /// @param check of the stream that comes
  /// @returns false where the system refuses at once
  bool connect(const server_address& server, std::unique_ptr<stream_check> check);

  /// Whether it has something to say, for which it waits until it can.
  bool wants_to_speak() const noexcept { return said_ < to_say_.size(); }

  /// Says what the system takes of it.
  state speak();

  /// The connection's descriptor; -1 where there is none.
  int fd() const noexcept { return fd_.get(); }

  /// Bytes that it may read now.
  std::size_t allowance(clock::time_point now, std::size_t most) const;

  /// Reads once, into a buffer that all clients of a thread share.
  state read(char* buffer, std::size_t size, tally& counts);

  /// Closes the connection.
  void disconnect() { fd_ = io::unique_fd{}; }

  const stream_check& check() const noexcept { return *check_; }

  std::size_t passes_complete = 0;
  bool failed = false;
  /// It makes no more passes.
  bool finished = false;
  /// The address to try next, by its place in the list.
  std::size_t address = 0;
  /// A slow client that has read what it may for now.
  bool paused = false;

private:
  void count(std::string_view bytes, tally& counts);
  void acknowledge();

  io::unique_fd fd_;
  std::unique_ptr<stream_check> check_;
  manner how_;
  std::string to_say_;
  std::size_t said_ = 0; // of that
  clock::time_point connected_at_{};
  clock::time_point last_frame_at_{};
  std::uint64_t bytes_ = 0;        // of this pass
  std::uint64_t frames_ = 0;       // of this pass
  std::uint64_t acknowledged_ = 0; // of these
};

} // namespace dispatch::bench
