#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>

#include "io/unique_fd.hpp"
#include "tests/chaos/frame_damager.hpp"

namespace dispatch::chaos {

/// How bytes travel through a proxy.
struct link_manner {
  std::chrono::milliseconds delay{0};
  std::uint64_t bytes_per_second = 0; ///< each way; 0: no limit
  bool silent = false;                ///< nothing travels
};

/// One direction of a connection through a proxy.
class byte_flow {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// @param preface bytes before the first HTTP/2 frame
  explicit byte_flow(std::size_t preface) : damager_(preface) {}

  /// Whether there is room for more.
  bool has_room() const noexcept { return !ended_ && held_bytes_ < most_held; }

  /// Whether something may leave now.
  bool has_due(time_point now, const link_manner& manner) const;

  /// Takes what the socket has.
  /// @returns false where the connection has failed
  bool read_from(const io::unique_fd& socket, time_point now, const link_manner& manner);

  /// Gives the socket what may leave, and the end behind the last byte.
  /// @returns false where the connection has failed
  bool write_to(const io::unique_fd& socket, time_point now, const link_manner& manner);

  /// Whether the end has been passed on.
  bool over() const noexcept { return over_; }

  /// Bytes that have left.
  std::uint64_t passed() const noexcept { return passed_; }

  /// Nothing leaves behind so many bytes.
  void stop_after(std::uint64_t bytes) noexcept { stop_at_ = passed_ + bytes; }

  /// Whether `stop_after` has come true.
  bool stopped() const noexcept { return passed_ >= stop_at_; }

  frame_damager& damager() noexcept { return damager_; }
  const frame_damager& damager() const noexcept { return damager_; }

private:
  static constexpr std::size_t most_held = 256 * 1024;

  struct piece {
    time_point due;
    std::string bytes;
  };

  std::uint64_t allowance(time_point now, const link_manner& manner);
  bool pass_end(const io::unique_fd& socket);

  std::deque<piece> pieces_;
  std::size_t held_bytes_ = 0;
  std::uint64_t passed_ = 0;
  std::uint64_t stop_at_ = UINT64_MAX;
  std::uint64_t budget_ = 0; // bytes, of a limited flow
  time_point budget_at_{};
  bool ended_ = false; // no more will come
  bool over_ = false;
  frame_damager damager_;
};

} // namespace dispatch::chaos
