#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "apps/dispatcher/config.hpp"

namespace dispatch {

/// What `dispatcher status` and `dispatcher top` are asked for.
struct status_options {
  /// Of the dispatcher that is looked at, as its own option has it: an empty host means this machine.
  std::string admin = config{}.admin;
  /// The answer as it comes, and no tables.
  bool json = false;
  /// Again and again.
  bool repeat = false;
  std::chrono::milliseconds interval{1000};
};

/// @returns one line that names the option, what it got and what it takes; nothing where all is well
std::optional<std::string> validate(const status_options& candidate);

} // namespace dispatch
