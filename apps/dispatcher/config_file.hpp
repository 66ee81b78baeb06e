#pragma once

#include <string>

namespace CLI {
class App;
class Error;
} // namespace CLI

namespace dispatch {

/// Gives the options of `app` that were set neither by a flag nor by the environment what the TOML file at `path` says.
/// Keys are the options' names without their dashes.
/// @throws CLI::Error with one line that names the file and what is wrong with it
void apply_config_file(CLI::App& app, const std::string& path);

/// What `problem` says, in our words where CLI11 counts an option's values.
std::string explain(const CLI::App& app, const CLI::Error& problem);

} // namespace dispatch
