#pragma once

#include <string>

#include "apps/pull/options.hpp"

namespace CLI {
class App;
} // namespace CLI

namespace dispatch::pull {

/// What the options of sessions are read into. It must live until the command line is parsed.
struct session_options {
  bool wanted = false; ///< `--session`
  session_request asked;
};

/// Adds `--session` and the options that go with it.
void add_session_options(CLI::App& app, session_options& values, options& all);

/// Takes the parsed values over.
/// @returns why the command line makes no sense; empty where it does
std::string finish_session_options(const CLI::App& app, const session_options& values, options& all);

} // namespace dispatch::pull
