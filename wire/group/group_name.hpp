#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace dispatch {

/// In bytes.
inline constexpr std::size_t longest_group_name = 200;

/// Whether a text has characters that act on a terminal or end a line.
inline bool has_control_characters(std::string_view text) noexcept {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
  });
}

} // namespace dispatch
