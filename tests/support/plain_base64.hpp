#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace dispatch::test {

/// An encoder (RFC 4648 §4) that is written to be obviously right, for tests of the fast ones.
inline std::string plain_base64(std::string_view data) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string result;
  for (std::size_t i = 0; i < data.size(); i += 3) {
    unsigned group = 0;
    for (std::size_t j = 0; j < 3; ++j)
      group = group << 8 | (i + j < data.size() ? static_cast<unsigned char>(data[i + j]) : 0U);
    for (std::size_t j = 0; j < 4; ++j)
      result += i + j > data.size() ? '=' : alphabet[group >> (18 - 6 * j) & 63];
  }
  return result;
}

} // namespace dispatch::test
