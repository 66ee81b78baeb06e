#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "tests/chaos/fault_schedule.hpp"

namespace dispatch::chaos {

/// Follows the HTTP/2 frames of one direction of a connection (RFC 9113 §4.1), whatever pieces they come in, and
/// damages one on request. What it has damaged is not followed any more.
class frame_damager {
public:
  /// Bytes that a client sends before its first frame.
  static constexpr std::size_t preface_size = 24;

  /// @param before bytes before the first frame
  explicit frame_damager(std::size_t before) : skip_(before) {}

  /// Damages the next frame that it can be done to.
  void request(damage what) noexcept { requested_ = what; }

  /// Whether a requested damage has been done.
  bool done() const noexcept { return done_; }

  /// Takes the next bytes, and changes them in place.
  void pass(char* data, std::size_t size);

private:
  static constexpr std::size_t header_size = 9;

  std::size_t take_header(char* data, std::size_t size);
  void on_header();
  void damage_header(char* header);

  std::uint64_t skip_; // until the next header
  std::array<unsigned char, header_size> header_{};
  std::size_t held_ = 0;            // bytes of the header
  std::uint32_t opened_stream_ = 0; // whose headers came last, without anything of a message yet
  bool message_begins_ = false;     // with the payload that comes
  std::optional<damage> requested_;
  bool done_ = false;
};

} // namespace dispatch::chaos
