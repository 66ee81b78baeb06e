#include "apps/pull/printable_text.hpp"

namespace dispatch::pull {

std::string printable_text(std::string_view text, std::size_t max_size) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string result;
  for (auto c : text.substr(0, max_size)) {
    auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f)
      result += c;
    else
      result.append("\\x").append(1, digits[byte >> 4]).append(1, digits[byte & 15]);
  }
  if (text.size() > max_size)
    result += "...";
  return result;
}

} // namespace dispatch::pull
