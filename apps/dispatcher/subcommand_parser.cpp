#include "apps/dispatcher/subcommand_parser.hpp"

#include <CLI/CLI.hpp>

#include <utility>

#include "apps/dispatcher/config_file.hpp"

namespace dispatch {

namespace {

/// The subcommand that was typed, or `app` itself.
const CLI::App& used_of(const CLI::App& app) {
  const auto used = app.get_subcommands();
  return used.empty() ? app : *used.front();
}

std::string name_of(const CLI::App& app, const CLI::App& used) {
  return &app == &used ? app.get_name() : app.get_name() + " " + used.get_name();
}

} // namespace

std::optional<early_exit> parse_subcommand(CLI::App& app, const std::vector<std::string>& arguments,
                                           const std::function<void()>& check) {
  try {
    app.parse(std::vector<std::string>{arguments.rbegin(), arguments.rend()});
    check();
    return std::nullopt;
  } catch (const CLI::CallForHelp&) {
    return early_exit{0, app.help() + "\n"};
  } catch (const CLI::ExtrasError&) {
    return usage_problem("'" + app.remaining(true).front() + "' is not an option; `" + name_of(app, used_of(app))
                         + " --help` lists them");
  } catch (const CLI::Error& problem) {
    return usage_problem(explain(used_of(app), problem));
  }
}

} // namespace dispatch
