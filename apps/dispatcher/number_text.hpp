#pragma once

#include <string>
#include <string_view>

namespace dispatch {

/// `text` without each underscore between two digits, as TOML groups the digits of a number: `10_000` is `10000`.
std::string without_digit_groups(std::string_view text);

} // namespace dispatch
