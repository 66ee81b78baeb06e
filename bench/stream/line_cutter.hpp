#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace dispatch::bench {

/// The two ends of one line. They overlap, or are the same, where the line is short.
struct line_ends {
  std::string_view head; ///< the first bytes, at least `line_cutter::head_size` of them where there are so many
  std::string_view tail; ///< the last bytes, at least `line_cutter::tail_size` of them where there are so many
  std::size_t size = 0;  ///< bytes of the whole line, without its '\n'
};

/// Cuts a stream of bytes into lines that end with '\n', whatever pieces it comes in, and keeps of a line that spans
/// several pieces nothing but its two ends: a load generator must cost less than what it measures.
class line_cutter {
public:
  /// An error frame with a message of usual length fits into a head.
  static constexpr std::size_t head_size = 1024;
  static constexpr std::size_t tail_size = 256;

  /// Takes the next line out of `rest`, or all of `rest` where no line ends in it.
  /// @param rest what has come and was not looked at yet; its beginning is removed
  /// @returns the line, valid until the next call and as long as the memory behind `rest`
  std::optional<line_ends> next(std::string_view& rest);

  /// How many bytes have come of a line whose end has not.
  std::size_t pending() const noexcept { return size_; }

private:
  void keep(std::string_view piece);
  line_ends finish(std::string_view last_piece);

  std::array<char, head_size> head_;
  std::array<char, tail_size> tail_;
  std::size_t head_used_ = 0;
  std::size_t tail_used_ = 0;
  std::size_t size_ = 0;
};

} // namespace dispatch::bench
