#include "bench/load/options.hpp"

#include <CLI/CLI.hpp>

#include "bench/load/hello_line.hpp"

namespace dispatch::bench {

namespace {

constexpr const char* description =
  R"(Connects any number of consumers to a dispatcher, reads as fast as it can, and says how fast that was. Each stream
is checked for order and completeness; samples are not decoded. Sessions with a group or a name acknowledge all that
a read has brought.)";

constexpr const char* footer = R"(Examples:
  dispatcher-load --connect localhost:8080 --clients 64              a pass for each of 64 clients
  dispatcher-load --clients 64 --seconds 5 --expect 334              passes for 5 seconds
  dispatcher-load --clients 8 --slow 2 --slow-bytes-per-second 65536 two of the eight are slow
  dispatcher-load --clients 1 --stalled 2000                         one reads beside 2,000 that do not
  dispatcher-load --clients 1000 --sequential                        one after another
  dispatcher-load --connect localhost:8090 --session --clients 64 --hello '{"shuffle": {"seed": {client}}}'
                                                                     64 sessions, each with a seed of its own
  dispatcher-load --connect localhost:8090 --session --clients 64 --hello '{"group": "load", "epochs": 3}'
                                                                     64 members of a group

The result is one JSON object; its first part is about the clients that are not slow. MB are 10^6 bytes.

Exit codes: 0 all passes were complete and in order (those that --seconds cut: as far as they came), 1 one was not,
2 usage.)";

std::chrono::milliseconds from_seconds(double seconds) {
  return std::chrono::milliseconds{static_cast<std::int64_t>(seconds * 1000)};
}

void add_server(CLI::App& app, load_options& x) {
  const auto store = [&x](const std::string& text) {
    const auto address = pull::parse_endpoint(text);
    if (!address)
      throw CLI::ValidationError("--connect", "got '" + text + "', takes HOST:PORT");
    x.server = *address;
  };
  app.add_option_function<std::string>("--connect", store, "The dispatcher [localhost:8080]")->type_name("HOST:PORT");
}

void add_clients(CLI::App& app, load_options& x) {
  app.add_option("--clients", x.clients, "Clients that read [1]")->check(CLI::Range(0, 100000))->type_name("N");
  app
    .add_option_function<std::size_t>(
      "--passes", [&x](std::size_t passes) { x.passes = passes; },
      "Passes of each, each on a new connection [1; with --seconds: as many as there is time for]")
    ->check(CLI::Range(1, 1000000))
    ->type_name("P");
  app
    .add_option_function<double>(
      "--seconds", [&x](double seconds) { x.duration = from_seconds(seconds); },
      "Stop after so long wherever each is; what was in order so far is good")
    ->check(CLI::Range(0.01, 86400.0))
    ->type_name("T");
  app.add_option("--slow", x.slow, "How many of them read slowly [0]")->check(CLI::Range(0, 100000))->type_name("K");
  app.add_option("--slow-bytes-per-second", x.slow_rate, "How slowly [1048576]")
    ->check(CLI::Range(1, 1000000000))
    ->type_name("B");
  app.add_option("--stalled", x.stalled, "Clients besides that connect first and never read [0]")
    ->check(CLI::Range(0, 100000))
    ->type_name("K");
  app.add_flag("--sequential", x.sequential, "One client after another");
}

void add_session(CLI::App& app, load_options& x) {
  app.add_flag("--session", x.is_session, "Clients open sessions, with raw payloads; a pass is then a session");
  app
    .add_option("--hello", x.hello,
                "More members of their hello; {client} in it becomes the client's number, from 0 [{}]")
    ->type_name("JSON");
}

void add_run(CLI::App& app, load_options& x) {
  app
    .add_option_function<std::int64_t>(
      "--expect", [&x](std::int64_t batches) { x.expected = batches; },
      "Batches that each pass must have, or each epoch of a session or group")
    ->check(CLI::Range(1, 2147483647))
    ->type_name("BATCHES");
  app
    .add_option_function<double>(
      "--ramp", [&x](double seconds) { x.ramp = from_seconds(seconds); },
      "Spread the first connections over so long [0: all at once]")
    ->check(CLI::Range(0.0, 3600.0))
    ->type_name("SECONDS");
  app
    .add_option_function<double>(
      "--max-seconds", [&x](double seconds) { x.limit = from_seconds(seconds); },
      "End the run after so long whatever happens; passes that are open then are incomplete [120]")
    ->check(CLI::Range(0.01, 86400.0))
    ->type_name("SECONDS");
  app.add_option("--threads", x.threads, "Threads that read [1]")->check(CLI::Range(1, 256))->type_name("N");
  app.add_option("--json", x.json, "Write the result there instead of to stdout")->type_name("FILE");
}

/// Why options that can be read make no sense together; empty where they do.
std::string contradiction(const load_options& x) {
  if (x.clients + x.stalled == 0)
    return "--clients: 0 takes --stalled";
  if (x.clients == 0 && !x.duration)
    return "--clients: 0 takes --seconds, which says how long the stalled ones stay";
  if (x.slow > x.clients)
    return "--slow: there are only " + std::to_string(x.clients) + " clients";
  if (x.sequential && (x.threads > 1 || x.ramp.count() > 0))
    return "--sequential: takes neither --threads nor --ramp";
  if (!x.is_session && x.hello != "{}")
    return "--hello: takes --session";
  if (const auto problem = hello_problem(x.hello); !problem.empty())
    return "--hello: " + problem;
  return {};
}

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

} // namespace

std::variant<load_options, early_exit> parse_options(int argc, const char* const* argv) {
  load_options result;
  result.server = {"localhost", 8080};
  CLI::App app{description};
  app.name("dispatcher-load");
  app.footer(footer);
  app.set_version_flag("--version", std::string{"dispatcher-load "} + DISPATCHER_VERSION);
  add_server(app, result);
  add_clients(app, result);
  add_session(app, result);
  add_run(app, result);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return early_exit{exit_complete, app.help()};
  } catch (const CLI::CallForVersion& version) {
    return early_exit{exit_complete, version.what() + std::string{"\n"}};
  } catch (const CLI::ParseError& problem) {
    return early_exit{exit_usage, "dispatcher-load: " + first_line(problem.what()) + " (see --help)\n"};
  }
  if (const auto problem = contradiction(result); !problem.empty())
    return early_exit{exit_usage, "dispatcher-load: " + problem + "\n"};
  result.is_group = asks_for(result.hello, "group");
  result.acknowledges = result.is_group || asks_for(result.hello, "name");
  if (!result.passes && !result.duration)
    result.passes = 1;
  return result;
}

} // namespace dispatch::bench
