#pragma once

#include "apps/dispatcher/status_options.hpp"

namespace dispatch {

/// `dispatcher status` and `dispatcher top`: shows how a dispatcher is that runs.
/// @returns the exit code: 0, or 1 where there is no dispatcher at that address, with a line on stderr
int show_status(const status_options& options);

} // namespace dispatch
