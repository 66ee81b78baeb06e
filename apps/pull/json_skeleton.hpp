#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dispatch::pull {

/// A line of JSON without its long strings. Nearly all of a frame is one string, which a JSON parser goes through a
/// byte at a time; of the skeleton it sees an empty string in its place, which is 20 times faster.
struct json_skeleton {
  std::string text;
  /// What was cut out of each string, in the order of the text; nothing where the string is whole. Refers to the line.
  std::vector<std::optional<std::string_view>> cuts;
};

/// Cuts out strings that are long and need no unescaping. Of what is not JSON it makes something that is not JSON
/// either.
/// @param line any bytes
json_skeleton skeleton_of(std::string_view line);

} // namespace dispatch::pull
