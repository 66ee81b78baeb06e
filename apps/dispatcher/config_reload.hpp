#pragma once

#include <string>
#include <variant>
#include <vector>

#include "apps/dispatcher/config.hpp"

namespace dispatch {

/// What reading the configuration anew has found, for a dispatcher that runs.
struct config_change {
  std::string log_level;
  /// Names, without dashes, of options that have another value now and keep the old one until a restart.
  std::vector<std::string> needs_restart;
};

/// Compares the configuration that a dispatcher runs with to the one that a new start would have.
config_change change_between(const config& running, const config& read);

/// Reads the command line, the environment and the file again.
/// @returns one line that says what is wrong where the new configuration is not valid
std::variant<config_change, std::string> reread_config(int argc, const char* const* argv, const config& running);

} // namespace dispatch
