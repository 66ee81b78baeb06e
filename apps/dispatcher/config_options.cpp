#include "apps/dispatcher/config_options.hpp"

#include <CLI/CLI.hpp>

#include <cctype>
#include <limits>
#include <map>

#include "apps/dispatcher/config_file.hpp"
#include "apps/dispatcher/duration_text.hpp"

namespace dispatch {

namespace {

constexpr int usage_error = 2;

constexpr const char* description = R"(Streams a dataset in batches to everyone who connects, as JSON lines over TCP, and survives the failures of the
dataset service that it has them from.)";

constexpr const char* examples = R"(Examples:
  dispatcher --embedded                        serve the bundled MNIST images on port 8080
  dispatcher --upstream gpu1:50051,gpu2:50051  one dataset service at two addresses
  nc localhost 8080 | head -c 300              look at what consumers get

Each option may also stand in the environment (DISPATCHER_BATCH_SIZE for --batch-size; GRPC_SERVER_ADDRESS names the
upstream too) or in a TOML file (batch-size = 30). A flag wins over the environment, and that over the file.
Durations take ms, s, m or h; a bare number is seconds.

Signals: SIGTERM and SIGINT stop in order, a second one at once; SIGUSR1 logs counts.
Exit codes: 0 stopped in order, 1 failed while running, 2 wrong configuration or unable to start.)";

/// `--batch-size` as DISPATCHER_BATCH_SIZE.
std::string environment_name(const std::string& option) {
  std::string name = "DISPATCHER_";
  for (const auto c : option.substr(2))
    name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

/// Puts options into a CLI11 application, all in one way.
class option_table {
public:
  explicit option_table(CLI::App& app) : app_(app) {}

  CLI::Option* text(const std::string& name, std::string& target, const std::string& what, const std::string& type) {
    return finish(name, app_.add_option(name, target, what)->type_name(type)->capture_default_str());
  }

  CLI::Option* texts(const std::string& name, std::vector<std::string>& target, const std::string& what,
                     const std::string& type) {
    return finish(name,
                  app_.add_option(name, target, what)->delimiter(',')->type_name(type)->capture_default_str());
  }

  template <class Number>
  CLI::Option* number(const std::string& name, Number& target, const std::string& what, Number least, Number most) {
    auto* option = app_.add_option(name, target, what)->check(CLI::Range(least, most));
    return finish(name, option->type_name("N")->capture_default_str());
  }

  CLI::Option* duration(const std::string& name, std::chrono::milliseconds& target, const std::string& what) {
    const auto set = [&target, name](const std::string& text) {
      const auto value = parse_duration(text);
      if (!value)
        throw CLI::ValidationError(name, "got '" + text + "'; it takes a duration such as 500ms, 10s or 2m");
      target = *value;
    };
    auto* option = app_.add_option_function<std::string>(name, set, what);
    return finish(name, option->type_name("DURATION")->default_str(to_text(target)));
  }

  CLI::Option* flag(const std::string& name, bool& target, const std::string& what) {
    return finish(name, app_.add_flag(name, target, what));
  }

private:
  CLI::Option* finish(const std::string& name, CLI::Option* option) {
    return option->envname(environment_name(name))->configurable();
  }

  CLI::App& app_;
};

void add_options(option_table& table, config& values) {
  constexpr std::size_t many = 100'000;
  table.text("--listen", values.listen, "Where consumers connect; port 0 takes any free port", "HOST:PORT");
  table.texts("--upstream", values.upstreams, "The dataset service's address, or several", "HOST:PORT,...");
  table.flag("--embedded", values.embedded, "Serve the bundled MNIST images from inside, without an upstream");
  table.text("--dataset", values.dataset, "The dataset to stream", "NAME");
  table.number("--batch-size", values.batch_size, "Samples in a batch", 1, std::numeric_limits<std::int32_t>::max());
  table.number("--fetchers", values.fetchers, "Connections to each upstream", std::size_t{1}, std::size_t{256});
  table.number("--in-flight", values.in_flight, "Calls that each upstream gets at a time", std::size_t{1}, many);
  table.number("--window", values.window, "Batches that a client may be ahead of its socket", std::size_t{1}, many);
  table.duration("--call-timeout", values.call_timeout, "The deadline of one call to the dataset service");
  table.number("--max-attempts", values.max_attempts, "Failed calls for one batch until its clients are told", 1, 1000);
  table.duration("--give-up-after", values.give_up_after,
                 "How long a client waits for one batch until it is told that there is none; 0 waits for ever");
  table.number("--max-clients", values.max_clients, "Clients at a time", std::size_t{1}, std::size_t{1'000'000});
  table.duration("--drain-timeout", values.drain_timeout, "How long clients may go on when the dispatcher is to stop");
  table.text("--log-level", values.log_level, "The least level to log: debug, info, warning, error", "LEVEL")
    ->check(CLI::IsMember({"debug", "info", "warning", "error"}));
}

void add_log_format(CLI::App& app, log_format& target) {
  const std::map<std::string, log_format> formats{{"text", log_format::text}, {"json", log_format::json}};
  app.add_option("--log-format", target, "How log lines look: text or json")
    ->transform(CLI::CheckedTransformer(formats))
    ->type_name("FORMAT")
    ->default_str("text")
    ->envname(environment_name("--log-format"))
    ->configurable();
}

/// The variable that has always named the dataset service, where nothing says more.
void apply_server_address(CLI::App& app, std::vector<std::string>& upstreams) {
  const auto* address = std::getenv("GRPC_SERVER_ADDRESS");
  if (address != nullptr && *address != '\0' && app.count("--upstream") == 0)
    upstreams = CLI::detail::split(address, ',');
}

} // namespace

std::variant<resolved_config, early_exit> read_config(int argc, const char* const* argv) {
  resolved_config result;
  std::string file;
  CLI::App app{description, "dispatcher"};
  app.footer(examples);
  app.set_version_flag("--version", "dispatcher " DISPATCHER_VERSION);
  option_table table{app};
  add_options(table, result.values);
  add_log_format(app, result.values.format);
  app.add_option("--config", file, "A TOML file with options; deploy/dispatcher.toml shows all of them")
    ->type_name("FILE")
    ->envname("DISPATCHER_CONFIG")
    ->configurable(false);
  app.add_flag("--check-config", result.check_only, "Check the configuration and exit")->configurable(false);
  try {
    app.parse(argc, argv);
    if (!file.empty())
      apply_config_file(app, file);
    apply_server_address(app, result.values.upstreams);
  } catch (const CLI::CallForHelp&) {
    return early_exit{0, app.help()};
  } catch (const CLI::CallForVersion& version) {
    return early_exit{0, std::string{version.what()} + "\n"};
  } catch (const CLI::Error& problem) {
    return early_exit{usage_error, problem.what()};
  }
  if (auto problem = validate(result.values))
    return early_exit{usage_error, *problem};
  return result;
}

} // namespace dispatch
