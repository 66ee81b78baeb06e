#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/session/cursor.hpp"

namespace dispatch {

class option_table;

/// The options of `order` and `cursor make` that say which place in which order is meant.
struct place_options {
  std::optional<std::int64_t> samples;
  std::optional<std::int64_t> block;
  std::optional<std::uint64_t> seed;
  std::optional<std::int64_t> window;
  std::optional<std::uint64_t> epoch;
  /// Each as `EPOCH:FROM-TO`.
  std::vector<std::string> skips;
};

/// Gives `table` options with these values.
void add_options(option_table& table, place_options& values);

/// Puts what is given in the place of what `cursor` has, and adds the skips to its own.
/// @throws CLI::ValidationError where that makes no order, with a line that names the option
void apply(const place_options& given, session_cursor& cursor);

/// @throws CLI::ValidationError that says what an option takes that has to be given and is not
void require_given(bool is_given, const char* option, const char* takes);

/// Reads the cursor that an option has.
/// @throws CLI::ValidationError with what is wrong with it
session_cursor read_cursor(const std::string& option, const std::string& text);

} // namespace dispatch
