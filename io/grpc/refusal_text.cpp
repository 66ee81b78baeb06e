#include "io/grpc/refusal_text.hpp"

#include <cstddef>
#include <cstdint>

namespace dispatch::io {

namespace {

constexpr std::size_t longest = 1000;
constexpr std::size_t kept_of_beginning = 600;
constexpr std::size_t kept_of_end = 350;

bool is_continuation(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

/// How many bytes a character has by its first one; 0 where none begins so.
std::size_t length_by(unsigned char first) {
  return first < 0x80 ? 1 : first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0;
}

/// Whether `second` may follow `first`: some would make a character longer than it need be, a surrogate, or one beyond
/// the last.
bool may_follow(unsigned char first, unsigned char second) {
  const auto least = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  const auto most = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  return second >= least && second <= most;
}

/// How many bytes the character at the beginning of `text` has; 0 where there is none.
std::size_t character_length(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  const auto length = length_by(first);
  if (length > text.size() || (length > 1 && !may_follow(first, static_cast<unsigned char>(text[1]))))
    return 0;
  for (std::size_t i = 1; i < length; ++i)
    if (!is_continuation(text[i]))
      return 0;
  return length;
}

bool is_control(char byte) {
  const auto code = static_cast<unsigned char>(byte);
  return code < 0x20 || code == 0x7F;
}

std::string clean(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const auto length = character_length(text);
    if (length == 0)
      result += '?';
    else if (is_control(text[0]))
      result += ' ';
    else
      result += text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return result;
}

} // namespace

std::string refusal_text(std::string_view text) {
  const auto whole = clean(text);
  if (whole.size() <= longest)
    return whole;
  auto head = kept_of_beginning;
  while (is_continuation(whole[head]))
    --head;
  auto tail = whole.size() - kept_of_end;
  while (is_continuation(whole[tail]))
    ++tail;
  return whole.substr(0, head) + " ... (" + std::to_string(tail - head) + " bytes left out) ... " + whole.substr(tail);
}

} // namespace dispatch::io
