#pragma once

#include <map>
#include <string>

namespace CLI {
class App;
class Error;
} // namespace CLI

namespace dispatch {

/// Gives the options of `app` that were set neither by a flag nor by the environment what the TOML file at `path` says.
/// Keys are the options' names without their dashes.
/// @returns where the options that it gave a value to stand, such as `in 'my.toml', line 3`, by their names
/// (`--listen`)
/// @throws CLI::Error with one line that names the file, the line in it and what is wrong with it
std::map<std::string, std::string> apply_config_file(CLI::App& app, const std::string& path);

/// What `problem` says, in our words where CLI11 counts an option's values.
std::string explain(const CLI::App& app, const CLI::Error& problem);

} // namespace dispatch
