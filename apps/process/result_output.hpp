#pragma once

#include <unistd.h>

#include <optional>
#include <string>
#include <string_view>

namespace dispatch {

/// Writes what a program was asked for.
/// @param fd standard output, or where the result goes instead
/// @returns one line that says why not all of it was written; nothing where all was
std::optional<std::string> write_result(std::string_view text, int fd = STDOUT_FILENO);

/// Occupies each standard stream that the program was started without. Otherwise a file or a socket would get its
/// number, and lines of the log with it. What is written to such a stream fails as it does without one. For the
/// beginning of main.
void occupy_standard_streams();

} // namespace dispatch
