#pragma once

#include <string>
#include <variant>

#include "apps/dispatcher/config.hpp"
#include "apps/dispatcher/early_exit.hpp"
#include "apps/dispatcher/status_options.hpp"

namespace dispatch {

/// The configuration is there, and that is what is to be done with it.
struct resolved_config {
  config values;
  /// Only check it, and say so.
  bool check_only = false;
};

/// Resolves the configuration: flags, then the environment, then the file, then the defaults; and checks it. Or reads
/// the options of `status` and `top`.
std::variant<resolved_config, early_exit, status_options> read_config(int argc, const char* const* argv);

} // namespace dispatch
