#include "apps/dispatcher/subcommand_parser.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <utility>

#include "apps/dispatcher/config_file.hpp"

namespace dispatch {

namespace {

/// The subcommand that was typed, or `app` itself.
const CLI::App& used_of(const CLI::App& app) {
  const auto used = app.get_subcommands();
  return used.empty() ? app : *used.front();
}

std::vector<std::string> names_of_subcommands(const CLI::App& app) {
  std::vector<std::string> result;
  for (const auto* each : app.get_subcommands([](const CLI::App*) { return true; }))
    result.push_back(each->get_name());
  return result;
}

/// `show or make`
std::string either_of(const std::vector<std::string>& names) {
  std::string result;
  for (std::size_t i = 0; i < names.size(); ++i)
    result += (i == 0 ? "" : i + 1 < names.size() ? ", " : " or ") + names[i];
  return result;
}

/// Whether a name is due, and what stands there is neither a name nor an option.
bool has_other_name(const std::vector<std::string>& arguments, const std::vector<std::string>& names) {
  return !arguments.empty() && arguments.front().rfind('-', 0) != 0
         && std::find(names.begin(), names.end(), arguments.front()) == names.end();
}

std::string name_of(const CLI::App& app, const CLI::App& used) {
  return &app == &used ? app.get_name() : app.get_name() + " " + used.get_name();
}

} // namespace

std::optional<early_exit> parse_subcommand(CLI::App& app, const std::vector<std::string>& arguments,
                                           const std::function<void()>& check) {
  const auto names = names_of_subcommands(app);
  const auto own_name = app.get_name().substr(app.get_name().rfind(' ') + 1);
  if (!names.empty() && has_other_name(arguments, names))
    return usage_problem(own_name + ": got '" + arguments.front() + "'; it takes " + either_of(names));
  app.require_subcommand(0, 1);
  try {
    app.parse(std::vector<std::string>{arguments.rbegin(), arguments.rend()});
    if (!names.empty() && app.get_subcommands().empty())
      throw CLI::ValidationError(own_name, "got nothing; it takes " + either_of(names));
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
