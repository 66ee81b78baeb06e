#pragma once

#include <CLI/CLI.hpp>

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

/// @file
/// How the options of the command line are read.

namespace dispatch::pull {

/// Says what an option got and what it takes.
inline std::string not_taken(const std::string& got, const std::string& takes) {
  return "got '" + got + "', takes " + takes;
}

/// Reads a number that is all of `text`.
/// @returns nothing where it is none, or not from `least` to `most`
template <class T>
std::optional<T> parse_number(std::string_view text, T least, T most) {
  T value{};
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !(value >= least && value <= most))
    return std::nullopt;
  return value;
}

/// Adds an option whose text is made a value by `parse`, which returns an optional.
/// @param takes for people, where it returns nothing
template <class Parse, class Target>
CLI::Option* add_text(CLI::App& app, const std::string& name, Target& target, Parse parse, const std::string& takes,
                      const std::string& description) {
  return app.add_option_function<std::string>(
    name,
    [&target, name, parse, takes](const std::string& text) {
      auto value = parse(text);
      if (!value)
        throw CLI::ValidationError(name, not_taken(text, takes));
      target = *value;
    },
    description);
}

} // namespace dispatch::pull
