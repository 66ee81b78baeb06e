#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "apps/dispatcher/early_exit.hpp"

namespace CLI {
class App;
} // namespace CLI

namespace dispatch {

/// Reads the arguments of a subcommand that has a parser of its own. Where that has subcommands in turn, one of them
/// has to be the first argument.
/// @param check looks at what was read, and may throw a `CLI::Error`
/// @returns nothing where all is well; else the help that was asked for, or what is wrong
std::optional<early_exit> parse_subcommand(CLI::App& app, const std::vector<std::string>& arguments,
                                           const std::function<void()>& check);

} // namespace dispatch
