#include "apps/dispatcher/config_options.hpp"

#include <CLI/CLI.hpp>

#include <cstdlib>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include <unistd.h>

#include "apps/dispatcher/answer_command.hpp"
#include "apps/dispatcher/config_file.hpp"
#include "apps/dispatcher/option_list.hpp"
#include "apps/dispatcher/option_table.hpp"

namespace dispatch {

namespace {

constexpr const char* description =
  R"(Streams a dataset in batches to everyone who connects, as JSON lines over TCP, and survives the failures of the
dataset service that it has them from.)";

constexpr const char* examples = R"(Examples:
  dispatcher --embedded                        serve the bundled MNIST images on port 8080
  dispatcher --upstream gpu1:50051,gpu2:50051  one dataset service at two addresses
  dispatcher --upstream dns:gpus:50051         at each address of a name, as they come and go
  nc localhost 8080 | head -c 300              look at what consumers get
  echo '{"type":"hello"}' | nc localhost 8090  the same as a session: shuffled, sharded, resumable where asked for
  dispatcher top                               look at a dispatcher that runs
  dispatcher order --help                      which samples a batch of a session has

Each option may also stand in the environment (DISPATCHER_BATCH_SIZE for --batch-size; GRPC_SERVER_ADDRESS names the
upstream too) or in a TOML file (batch-size = 30). A flag wins over the environment, and that over the file.
Durations take ms, s, m or h; a bare number is seconds.

Signals: SIGTERM, SIGINT and every other that would end it stop in order, a second SIGTERM, SIGINT or SIGQUIT at once.
SIGHUP takes the log level anew from flags, environment and file; SIGUSR1 logs counts.
Exit codes: 0 stopped in order, 1 failed while running, 2 wrong configuration or unable to start.)";

/// The variable that has always named the dataset service, where neither a flag nor its newer name does.
void apply_server_address(CLI::App& app) {
  const auto* address = std::getenv("GRPC_SERVER_ADDRESS");
  auto* option = app.get_option("--upstream");
  if (address == nullptr || *address == '\0' || option->count() > 0)
    return;
  option->add_result(address);
  option->run_callback();
}

/// What stands in the environment as if it were an option of `app`.
std::vector<unknown_variable> unknown_variables_of(const CLI::App& app) {
  std::vector<std::string> environment;
  for (auto** entry = environ; *entry != nullptr; ++entry)
    environment.emplace_back(*entry);
  std::vector<std::string> known;
  for (const auto* option : app.get_options())
    if (!option->get_envname().empty())
      known.push_back(option->get_envname());
  return find_unknown_variables(environment, known);
}

/// What `problem` says of an option, and where in a file its value stands.
std::string with_place(const std::string& problem, const std::map<std::string, std::string>& places) {
  const auto found = places.find(problem.substr(0, problem.find(':')));
  return found != places.end() ? found->second + ": " + problem : problem;
}

/// Adds a subcommand that looks at a dispatcher that runs.
CLI::App* add_status_command(CLI::App& app, const char* name, const char* what, status_options& values) {
  auto* command = app.add_subcommand(name, what);
  option_table table{*command};
  table.text("--admin", values.admin, "Where that dispatcher's --admin is", "HOST:PORT");
  return command;
}

/// Adds what `answer_command` answers, for the help. It has to be the first argument, and then does not get here.
void list_answering_commands(CLI::App& app) {
  for (const auto& command : answering_commands)
    app.add_subcommand(command.name, command.what)->prefix_command()->parse_complete_callback([name = command.name] {
      throw CLI::ValidationError(name, "got options before it; it takes its own, after it");
    });
}

std::variant<resolved_config, early_exit, status_options> checked(const status_options& options) {
  if (const auto problem = validate(options))
    return usage_problem(*problem);
  return options;
}

} // namespace

std::variant<resolved_config, early_exit, status_options> read_config(int argc, const char* const* argv) {
  resolved_config result;
  status_options watched;
  std::string file;
  std::map<std::string, std::string> places;
  CLI::App app{description, "dispatcher"};
  app.footer(examples);
  app.set_version_flag("--version", "dispatcher " DISPATCHER_VERSION);
  option_table table{app};
  list_options(table, result.values);
  app.add_option("--config", file, "A TOML file with options; deploy/dispatcher.toml shows all of them")
    ->type_name("FILE")
    ->envname("DISPATCHER_CONFIG")
    ->configurable(false);
  app.add_flag("--check-config", result.check_only, "Check the configuration and exit")->configurable(false);
  auto* status = add_status_command(app, "status", "Show how a dispatcher is that runs", watched);
  status->add_flag("--json", watched.json, "As the JSON of /status (docs/status.md)");
  auto* top = add_status_command(app, "top", "The same, again and again, until q or Ctrl-C", watched);
  option_table{*top}.duration("--interval", watched.interval, "How often to look");
  list_answering_commands(app);
  app.require_subcommand(0, 1);
  const auto used = [&]() -> const CLI::App& { return *status ? *status : *top ? *top : app; };
  try {
    app.parse(argc, argv);
    watched.repeat = static_cast<bool>(*top);
    if (*status || *top)
      return checked(watched);
    apply_server_address(app);
    if (!file.empty())
      places = apply_config_file(app, file);
  } catch (const CLI::CallForHelp&) {
    return early_exit{0, app.help() + "\n"};
  } catch (const CLI::CallForVersion& version) {
    return early_exit{0, std::string{version.what()} + "\n"};
  } catch (const CLI::ExtrasError&) {
    return usage_problem("'" + app.remaining(true).front() + "' is not an option; --help lists them");
  } catch (const CLI::Error& problem) {
    return usage_problem(explain(used(), problem));
  }
  result.values.sessions_required = app.get_option("--sessions")->count() > 0;
  result.values.admin_required = app.get_option("--admin")->count() > 0;
  if (const auto problem = validate(result.values))
    return usage_problem(with_place(*problem, places));
  result.values.unknown_variables = unknown_variables_of(app);
  return result;
}

} // namespace dispatch
