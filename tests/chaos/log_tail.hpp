#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "io/unique_fd.hpp"

namespace dispatch::chaos {

/// Reads what is written to a log file from now on.
class log_tail {
public:
  /// Makes the file where there is none. Throws `std::system_error` when it cannot be opened.
  explicit log_tail(const std::filesystem::path& file);

  /// Whole lines that have come since the last call, without their ends.
  std::vector<std::string> new_lines();

private:
  io::unique_fd file_;
  std::string rest_; // of a line whose end has not come
};

/// The value of `key` in a log line `... key=value ...`; empty where it is not there.
std::string_view field_of(std::string_view line, std::string_view key);

/// The name of the event in a log line: behind its time and level. Empty where the line has none.
std::string_view event_of(std::string_view line);

} // namespace dispatch::chaos
