#include "wire/base64_decoder.hpp"

#include <array>
#include <cstdint>

// Debian's decoders (of OpenSSL, Abseil, libb64) all forgive whitespace or padding. A program that checks a
// protocol must not, hence this one.

namespace dispatch {

namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint32_t bad = 0x80000000;

using table = std::array<std::uint32_t, 256>;

// The value of each character, at its place within the 24 bits of a group.
constexpr table make_table(unsigned shift) {
  table result{};
  for (auto& value : result)
    value = bad;
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    result[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint32_t>(i) << shift;
  return result;
}

constexpr table first = make_table(18);
constexpr table second = make_table(12);
constexpr table third = make_table(6);
constexpr table fourth = make_table(0);

std::uint32_t at(const table& values, char c) {
  return values[static_cast<unsigned char>(c)];
}

std::string describe_bad_character(std::string_view text) {
  auto position = text.find_first_not_of(alphabet);
  if (position == std::string_view::npos)
    return "not base64";
  if (text[position] == '=')
    return "padding in the middle, at position " + std::to_string(position);
  return "a character that is not base64 at position " + std::to_string(position);
}

} // namespace

std::optional<std::string> decode_base64(std::string_view text, std::string& data) {
  data.clear();
  if (text.size() % 4 != 0)
    return "its length of " + std::to_string(text.size()) + " is not a multiple of 4";
  if (text.empty())
    return std::nullopt;
  std::size_t padding = text.back() != '=' ? 0 : text[text.size() - 2] != '=' ? 1 : 2;
  auto whole = text.size() / 4 - (padding > 0 ? 1 : 0);
  data.resize(text.size() / 4 * 3 - padding);
  auto in = text.data();
  auto out = data.data();
  std::uint32_t seen = 0;
  for (std::size_t i = 0; i < whole; ++i, in += 4, out += 3) {
    auto group = at(first, in[0]) | at(second, in[1]) | at(third, in[2]) | at(fourth, in[3]);
    seen |= group;
    out[0] = static_cast<char>(group >> 16);
    out[1] = static_cast<char>(group >> 8);
    out[2] = static_cast<char>(group);
  }
  std::uint32_t last = 0;
  if (padding > 0) {
    last = at(first, in[0]) | at(second, in[1]) | (padding == 1 ? at(third, in[2]) : 0);
    out[0] = static_cast<char>(last >> 16);
    if (padding == 1)
      out[1] = static_cast<char>(last >> 8);
  }
  if (((seen | last) & bad) != 0)
    return describe_bad_character(text.substr(0, text.size() - padding));
  if ((last & (padding == 1 ? 0xffU : 0xffffU)) != 0)
    return "bits left over before its padding";
  return std::nullopt;
}

} // namespace dispatch
