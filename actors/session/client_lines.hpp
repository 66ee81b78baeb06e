#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "wire/session/client_message.hpp"
#include "wire/session/line_splitter.hpp"

namespace dispatch {

/// What a session's client sends, cut into lines. It may send `most_waiting` bytes ahead of what was read of them:
///
///     bytes that were allowed and have not come + bytes that no line was made of <= most_waiting
class client_lines {
public:
  static constexpr std::size_t most_waiting = 2 * longest_client_line;

  void add(std::string_view bytes) {
    allowed_ -= bytes.size();
    lines_.add(bytes);
  }

  /// No more will come: what is left behind the last line is a line, also without its end.
  void end() {
    has_ended_ = true;
    if (lines_.has_part())
      lines_.add("\n");
  }

  bool has_ended() const noexcept { return has_ended_; }

  /// The next whole line; valid until more is added.
  std::optional<std::string_view> next() { return lines_.next(); }

  bool is_too_long() const noexcept { return lines_.is_too_long(); }

  /// How many bytes more the client may send now; 0 where it is not worth a message. They then count as allowed.
  std::size_t allow() noexcept {
    if (has_ended_)
      return 0;
    const auto room = most_waiting - allowed_ - lines_.waiting();
    if (room < most_waiting / 2)
      return 0;
    allowed_ += room;
    return room;
  }

private:
  line_splitter lines_{longest_client_line};
  std::size_t allowed_ = 0;
  bool has_ended_ = false;
};

} // namespace dispatch
