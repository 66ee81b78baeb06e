#pragma once

#include <string>
#include <string_view>

namespace dispatch {

/// There is nothing to run: text for stdout was asked for, or something is wrong.
struct early_exit {
  int exit_code = 0;
  /// For stdout where `exit_code` is 0, else one line for stderr.
  std::string text;
};

/// What is wrong with what was typed, on one line whatever that was, and the exit code that says so.
early_exit usage_problem(std::string_view what);

} // namespace dispatch
