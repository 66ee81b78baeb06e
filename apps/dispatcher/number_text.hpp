#pragma once

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace dispatch {

/// `text` without each underscore between two digits, as TOML groups the digits of a number: `10_000` is `10000`.
std::string without_digit_groups(std::string_view text);

/// A whole number in decimal from `least` to `most`, and nothing else: CLI11 would take 010 for eight.
template <class Number>
std::optional<Number> parse_number(std::string_view written, Number least, Number most) {
  const auto text = without_digit_groups(written);
  Number number{};
  const auto* end = text.data() + text.size();
  const auto [stopped, problem] = std::from_chars(text.data(), end, number);
  if (problem != std::errc{} || stopped != end || number < least || number > most)
    return std::nullopt;
  return number;
}

} // namespace dispatch
