#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace dispatch {

/// The size of the base64 text, with padding, of `bytes` bytes.
constexpr std::size_t base64_size(std::size_t bytes) noexcept {
  return bytes / 3 * 4 + (bytes % 3 != 0 ? 4 : 0);
}

/// Encodes `groups` groups of three bytes each from `data` into as many groups of four characters at `out`, and touches
/// no byte besides those. The two do not overlap.
using base64_kernel = void (*)(const char* data, std::size_t groups, char* out) noexcept;

/// Encodes data that comes in pieces into one text (RFC 4648 §4: the standard alphabet, with padding, in one line).
///
/// Owner: the encoder; it is cheap and lives as long as one text takes. Threads: one at a time. Errors: none; the
/// room at `out` is the caller's promise.
class base64_writer {
public:
  /// Writes with the fastest kernel that this machine has.
  /// @param out room for `base64_size(n)` characters, where `n` is the size of all pieces in bytes
  explicit base64_writer(char* out) noexcept;

  /// Writes with `kernel`.
  base64_writer(char* out, base64_kernel kernel) noexcept : out_(out), kernel_(kernel) {}

  /// Encodes the next bytes, of any number.
  void write(std::string_view piece) noexcept;

  /// Encodes what is left of the last group, and pads it.
  /// @returns the end of the text
  char* finish() noexcept;

private:
  /// Moves bytes from the front of `piece` to the group that earlier pieces began, and encodes that once it is whole.
  void complete_group(std::string_view& piece) noexcept;

  void write_group() noexcept;

  char* out_;
  base64_kernel kernel_;
  std::array<char, 3> group_{};
  std::size_t held_ = 0; // bytes in group_; never 3 between calls
};

} // namespace dispatch
