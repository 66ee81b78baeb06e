#pragma once

#include <stdexcept>
#include <string>

namespace dispatch::pull {

/// A file with a cursor cannot be read or written. `what()` is one clear line that names the file.
struct cursor_file_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Reads the cursor that a file holds, without the white space around it.
/// @returns empty where there is no such file, or where it is empty
/// Throws `cursor_file_error`, also for a file that holds something else.
std::string read_cursor_file(const std::string& name);

/// Replaces what a file holds, at once or not at all: it holds the old cursor or the new one at any time, also after a
/// loss of power. Throws `cursor_file_error`.
void write_cursor_file(const std::string& name, const std::string& cursor);

} // namespace dispatch::pull
