#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace dispatch::pull {

/// Makes text from the network fit for one line of a terminal: at most `max_size` bytes of it, control
/// characters and bytes beyond ASCII as \xNN, and "..." where it was cut.
std::string printable_text(std::string_view text, std::size_t max_size);

} // namespace dispatch::pull
