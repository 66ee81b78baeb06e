#include "apps/dispatcher/number_text.hpp"

#include <cstddef>

namespace dispatch {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

} // namespace

std::string without_digit_groups(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] != '_' || i == 0 || i + 1 == text.size() || !is_digit(text[i - 1]) || !is_digit(text[i + 1]))
      result += text[i];
  return result;
}

} // namespace dispatch
