#include "apps/dispatcher/config_options.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include <unistd.h>

#include "apps/dispatcher/config_file.hpp"
#include "apps/dispatcher/duration_text.hpp"
#include "apps/dispatcher/number_text.hpp"
#include "apps/dispatcher/option_list.hpp"

namespace dispatch {

namespace {

constexpr int usage_error = 2;

constexpr const char* description =
  R"(Streams a dataset in batches to everyone who connects, as JSON lines over TCP, and survives the failures of the
dataset service that it has them from.)";

constexpr const char* examples = R"(Examples:
  dispatcher --embedded                        serve the bundled MNIST images on port 8080
  dispatcher --upstream gpu1:50051,gpu2:50051  one dataset service at two addresses
  dispatcher --upstream dns:gpus:50051         at each address of a name, as they come and go
  nc localhost 8080 | head -c 300              look at what consumers get
  dispatcher top                               look at a dispatcher that runs

Each option may also stand in the environment (DISPATCHER_BATCH_SIZE for --batch-size; GRPC_SERVER_ADDRESS names the
upstream too) or in a TOML file (batch-size = 30). A flag wins over the environment, and that over the file.
Durations take ms, s, m or h; a bare number is seconds.

Signals: SIGTERM, SIGINT and every other that would end it stop in order, a second SIGTERM, SIGINT or SIGQUIT at once.
SIGHUP takes the log level anew from flags, environment and file; SIGUSR1 logs counts.
Exit codes: 0 stopped in order, 1 failed while running, 2 wrong configuration or unable to start.)";

/// `--batch-size` as DISPATCHER_BATCH_SIZE.
std::string environment_name(const std::string& option) {
  std::string name = "DISPATCHER_";
  for (const auto c : option.substr(2))
    name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

std::string in_lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

/// A whole number in decimal, and nothing else: CLI11 would take 010 for eight.
template <class Number>
std::optional<Number> parse_number(std::string_view written, Number least, Number most) {
  const auto text = without_digit_groups(written);
  Number number{};
  const auto* end = text.data() + text.size();
  const auto [stopped, problem] = std::from_chars(text.data(), end, number);
  if (problem != std::errc{} || stopped != end || number < least || number > most)
    return std::nullopt;
  return number;
}

/// Puts options into a CLI11 application, all in one way: each has a variable and a key, and says what it takes.
class option_table {
public:
  explicit option_table(CLI::App& app) : app_(app) {}

  void text(const std::string& name, std::string& target, const std::string& what, const std::string& type) {
    finish(name, app_.add_option(name, target, what)->type_name(type)->capture_default_str());
  }

  void texts(const std::string& name, std::vector<std::string>& target, const std::string& what,
             const std::string& type) {
    finish(name, app_.add_option(name, target, what)->delimiter(',')->type_name(type)->capture_default_str());
  }

  template <class Number>
  void number(const std::string& name, Number& target, const std::string& what, Number least, Number most) {
    const auto read = [least, most](const std::string& text) { return parse_number(text, least, most); };
    const auto range = std::to_string(least) + " to " + std::to_string(most);
    parsed(name, target, what, read, "a whole number from " + range)
      ->type_name(std::to_string(least) + ".." + std::to_string(most))
      ->default_str(std::to_string(target));
  }

  /// A number, or `auto`: nothing.
  template <class Number>
  void number_or_auto(const std::string& name, std::optional<Number>& target, const std::string& what, Number least,
                      Number most) {
    const auto read = [least, most](const std::string& text) -> std::optional<std::optional<Number>> {
      if (in_lower_case(text) == "auto")
        return std::optional<Number>{};
      const auto number = parse_number(text, least, most);
      return number ? std::optional<std::optional<Number>>{number} : std::nullopt;
    };
    parsed(name, target, what, read,
           "auto, or a whole number from " + std::to_string(least) + " to " + std::to_string(most))
      ->type_name("auto|" + std::to_string(least) + ".." + std::to_string(most))
      ->default_str(target ? std::to_string(*target) : "auto");
  }

  void duration(const std::string& name, std::chrono::milliseconds& target, const std::string& what) {
    parsed(name, target, what, parse_duration, "a duration such as 500ms, 10s or 2m, at most a year")
      ->type_name("DURATION")
      ->default_str(to_text(target));
  }

  template <class T>
  void word(const std::string& name, T& target, const std::string& what, const words<T>& choices) {
    const auto read = [choices](const std::string& text) -> std::optional<T> {
      const auto wanted = in_lower_case(text);
      const auto found = std::find_if(choices.begin(), choices.end(), [&](const auto& x) { return x.first == wanted; });
      return found != choices.end() ? std::optional<T>{found->second} : std::nullopt;
    };
    std::string all;
    std::string current;
    for (const auto& [text, value] : choices) {
      all += (all.empty() ? "" : "|") + text;
      if (value == target)
        current = text;
    }
    parsed(name, target, what, read, all)->type_name(all)->default_str(current);
  }

  void flag(const std::string& name, bool& target, const std::string& what) {
    const auto check = [](const std::string& text) {
      static const std::vector<std::string> known{"true", "false", "yes", "no", "on", "off", "1", "0"};
      const auto is_known = std::find(known.begin(), known.end(), in_lower_case(text)) != known.end();
      return is_known ? std::string{} : "got '" + text + "'; it takes true or false";
    };
    finish(name, app_.add_flag(name, target, what)->check(check));
  }

private:
  /// An option whose text `read` turns into a value, or into nothing where it is not what the option `takes`.
  template <class T, class Read>
  CLI::Option* parsed(const std::string& name, T& target, const std::string& what, Read read,
                      const std::string& takes) {
    const auto set = [&target, name, read, takes](const std::string& text) {
      const auto value = read(text);
      if (!value)
        throw CLI::ValidationError(name, "got '" + text + "'; it takes " + takes);
      target = *value;
    };
    return finish(name, app_.add_option_function<std::string>(name, set, what));
  }

  CLI::Option* finish(const std::string& name, CLI::Option* option) {
    return option->envname(environment_name(name))->configurable();
  }

  CLI::App& app_;
};

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

/// What is wrong, on one line whatever was typed.
early_exit usage_problem(std::string_view what) {
  static constexpr char digits[] = "0123456789abcdef";
  early_exit result{usage_error, {}};
  for (const auto c : what) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f)
      result.text.append({'\\', 'x', digits[byte / 16], digits[byte % 16]});
    else
      result.text.push_back(c);
  }
  return result;
}

/// Adds a subcommand that looks at a dispatcher that runs.
CLI::App* add_status_command(CLI::App& app, const char* name, const char* what, status_options& values) {
  auto* command = app.add_subcommand(name, what);
  option_table table{*command};
  table.text("--admin", values.admin, "Where that dispatcher's --admin is", "HOST:PORT");
  return command;
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
