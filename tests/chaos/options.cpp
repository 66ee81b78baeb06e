#include "tests/chaos/options.hpp"

#include <CLI/CLI.hpp>

namespace dispatch::chaos {

namespace {

constexpr const char* description =
  R"(Runs a dispatcher between two dataset servers and many consumers, breaks all that is around it on purpose, and checks
what each consumer gets. What is done, when and to whom follows from the seed alone.)";

constexpr const char* footer = R"(Examples:
  chaos-runner --seed 7                     two minutes of faults
  chaos-runner --minutes 600 --seed 8       ten hours
  chaos-runner --sessions 20000             as many consumers, after the first 2,000 of which nothing may grow
  chaos-runner --kill-dispatcher            session clients alone, whose dispatcher is killed again and again

Exit codes: 0 every promise was kept, 1 one was not, 2 usage.)";

} // namespace

std::variant<options, early_exit> parse_options(int argc, const char* const* argv) {
  options result;
  CLI::App app{description};
  app.name("chaos-runner");
  app.footer(footer);
  app.add_option("--seed", result.seed, "What the schedule of faults and consumers is made from [1]")->type_name("S");
  app
    .add_option_function<double>(
      "--minutes",
      [&result](double minutes) { result.duration = std::chrono::seconds{static_cast<std::int64_t>(minutes * 60)}; },
      "How long there are faults [2]")
    ->check(CLI::Range(0.1, 1e6))
    ->type_name("N");
  app
    .add_option_function<std::uint64_t>(
      "--sessions", [&result](std::uint64_t count) { result.sessions = count; },
      "How many consumers come while there are faults, instead of --minutes; most of them stay for a part of a pass")
    ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 40))
    ->type_name("N");
  app
    .add_option("--warm-up", result.warm_up_sessions,
                "Sessions after which memory may not grow; with --sessions, nothing [2000]")
    ->type_name("N");
  app.add_option("--clients", result.most_clients, "Consumers at a time, at most [120]")
    ->check(CLI::Range(1, 5000))
    ->type_name("N");
  app.add_option("--teams", result.most_teams, "Teams of session clients at a time, of one to four ranks each [5]")
    ->check(CLI::Range(0, 1000))
    ->type_name("N");
  app
    .add_flag("--kill-dispatcher", result.kills,
              "The dispatcher itself is killed at random and started again; all consumers have sessions then")
    ->excludes("--sessions");
  app
    .add_option_function<std::int64_t>(
      "--patience", [&result](std::int64_t seconds) { result.patience = std::chrono::seconds{seconds}; },
      "Seconds that a consumer may wait for a byte, and the dispatcher for its recovery [120]")
    ->check(CLI::Range(1, 3600))
    ->type_name("SECONDS");
  app.add_flag_callback(
    "--no-memory-check", [&result] { result.judge_memory = false; }, "Memory may grow, as a sanitizer makes it do");
  app.add_option("--programs", result.programs, "The folder of dispatcher and dataset-server")
    ->required()
    ->check(CLI::ExistingDirectory)
    ->type_name("FOLDER");
  app.add_option("--folder", result.folder, "Where logs go [chaos]")->type_name("FOLDER");
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return early_exit{exit_kept, app.help()};
  } catch (const CLI::ParseError& problem) {
    return early_exit{exit_usage, std::string{"chaos-runner: "} + problem.what() + " (see --help)\n"};
  }
  return result;
}

} // namespace dispatch::chaos
