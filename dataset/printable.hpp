#pragma once

#include <string>
#include <string_view>

namespace dispatch::dataset {

/// The beginning of what a file says, as text for one line of a terminal: its bytes are anything.
inline std::string printable(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  constexpr std::size_t most = 40;
  std::string result;
  for (const auto c : text.substr(0, most)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f)
      result += c;
    else
      result.append("\\x").append(1, digits[byte / 16]).append(1, digits[byte % 16]);
  }
  return result;
}

} // namespace dispatch::dataset
