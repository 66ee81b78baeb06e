#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace dispatch {

/// Cuts what a peer sends into lines, and keeps no more than one line may have and what came with it.
class line_splitter {
public:
  /// @param most bytes that a line may have, without its end
  explicit line_splitter(std::size_t most) : most_(most) {}

  void add(std::string_view bytes) {
    bytes_.erase(0, std::exchange(taken_, 0));
    bytes_.append(bytes);
  }

  /// The next whole line, without `\n` or `\r\n`; valid until more is added.
  std::optional<std::string_view> next() {
    const auto end = bytes_.find('\n', taken_);
    if (end == std::string::npos || end - taken_ > most_)
      return std::nullopt;
    auto line = std::string_view{bytes_}.substr(taken_, end - taken_);
    taken_ = end + 1;
    if (!line.empty() && line.back() == '\r')
      line.remove_suffix(1);
    return line;
  }

  /// Whether the next line has more bytes than a line may have.
  bool is_too_long() const noexcept {
    const auto end = bytes_.find('\n', taken_);
    return (end == std::string::npos ? bytes_.size() : end) - taken_ > most_;
  }

  /// Bytes that were added and are not part of a line that was taken.
  std::size_t waiting() const noexcept { return bytes_.size() - taken_; }

  /// Whether the last line that has begun has no end yet.
  bool has_part() const noexcept { return waiting() > 0 && bytes_.back() != '\n'; }

private:
  std::size_t most_;
  std::string bytes_;
  /// How many bytes of the front have become lines.
  std::size_t taken_ = 0;
};

} // namespace dispatch
