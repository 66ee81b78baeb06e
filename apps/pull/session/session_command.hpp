#pragma once

#include <functional>
#include <string>

#include "apps/process/stop_descriptor.hpp"
#include "apps/pull/options.hpp"
#include "apps/pull/progress.hpp"
#include "apps/pull/session/session_summary.hpp"

namespace dispatch::pull {

/// What a session came to.
struct session_outcome {
  session_summary summary;
  exit_code code;
};

/// Reads the cursor file, connects, and pulls one session.
/// @param opts whose `session` is there
/// @param say writes one line for people, which is not an error
session_outcome pull_session(options opts, const progress::settings& display, const stop_descriptor& stop,
                             const std::function<void(const std::string&)>& say);

} // namespace dispatch::pull
