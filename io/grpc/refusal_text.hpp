#pragma once

#include <string>
#include <string_view>

namespace dispatch::io {

/// What consumers and the log get of a text with which a dataset service refuses something: one line of UTF-8, of at
/// most some 1,000 bytes. A traceback says at its beginning where it was, and at its end what went wrong, so a long
/// text keeps both and says how much is left out. Control bytes become spaces, what is not UTF-8 becomes `?`.
std::string refusal_text(std::string_view text);

} // namespace dispatch::io
