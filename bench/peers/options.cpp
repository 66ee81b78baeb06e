#include "bench/peers/options.hpp"

#include <CLI/CLI.hpp>

#include <map>

namespace dispatch::bench {

namespace {

constexpr const char* description =
  R"(Sends the frames of a pass through a message broker to any number of consumers, as fast as that goes, and says how
fast that was. Each consumer checks that all frames of a pass come, in order. The frames are the dispatcher's: MNIST in
batches of 30, as JSON lines.)";

constexpr const char* footer = R"(Examples:
  peer-load --peer nats --connect localhost:4222 --clients 64              a pass for 64 consumers at a time
  peer-load --peer rabbitmq --connect localhost:5672 --clients 64 --seconds 3
                                                                           passes for 3 seconds
  peer-load --peer redis --connect localhost:6379 --fill                   puts a pass in
  peer-load --peer redis --connect localhost:6379 --kept --clients 64      64 consumers read what is there

A publisher in a thread of its own publishes while consumers read, unless there is --kept. One loop reads for all of
them. The time begins when all are subscribed. The result is one JSON object on stdout. MB are 10^6 bytes.

Exit codes: 0 all passes were complete and in order (those that --seconds cut: as far as they came), 1 one was not,
2 usage.)";

std::chrono::milliseconds from_seconds(double seconds) {
  return std::chrono::milliseconds{static_cast<std::int64_t>(seconds * 1000)};
}

const std::map<std::string, peer_kind> peers{
  {"redis", peer_kind::redis}, {"rabbitmq", peer_kind::rabbitmq}, {"nats", peer_kind::nats}};

void add_peer(CLI::App& app, peer_options& x) {
  const auto store = [&x](const std::string& name) {
    const auto found = peers.find(name);
    if (found == peers.end())
      throw CLI::ValidationError("--peer", "got '" + name + "', takes redis, rabbitmq or nats");
    x.peer = found->second;
  };
  app.add_option_function<std::string>("--peer", store, "redis, rabbitmq or nats")->required()->type_name("NAME");
}

void add_server(CLI::App& app, peer_options& x) {
  const auto store = [&x](const std::string& text) {
    const auto address = pull::parse_endpoint(text);
    if (!address)
      throw CLI::ValidationError("--connect", "got '" + text + "', takes HOST:PORT");
    x.server = *address;
  };
  app.add_option_function<std::string>("--connect", store, "The broker")->required()->type_name("HOST:PORT");
  app
    .add_option_function<::pid_t>(
      "--server-pid", [&x](::pid_t pid) { x.server_pid = pid; },
      "The broker's process, whose processor time is measured")
    ->check(CLI::Range(1, 2147483647))
    ->type_name("PID");
}

void add_clients(CLI::App& app, peer_options& x) {
  app.add_option("--clients", x.clients, "Consumers [1]")->check(CLI::Range(1, 10000))->type_name("N");
  app
    .add_option_function<std::size_t>(
      "--passes", [&x](std::size_t passes) { x.passes = passes; },
      "Passes of each [1; with --seconds: as many as there is time for]")
    ->check(CLI::Range(1, 1000000))
    ->type_name("P");
  app
    .add_option_function<double>(
      "--seconds", [&x](double seconds) { x.duration = from_seconds(seconds); },
      "Stop after so long wherever each is; what was in order so far is good")
    ->check(CLI::Range(0.01, 86400.0))
    ->type_name("T");
  app.add_option("--frames", x.frames, "Frames of a pass [334]")->check(CLI::Range(1, 334))->type_name("N");
}

void add_run(CLI::App& app, peer_options& x) {
  app.add_flag("--fill", x.fill, "Only put a pass in, where the broker keeps it (redis)");
  app.add_flag("--kept", x.is_kept, "Read what was put in, without a publisher (redis)");
  app.add_option("--ahead", x.ahead, "Frames that the publisher is before the slowest consumer at most [64]")
    ->check(CLI::Range(1, 1000000))
    ->type_name("N");
  app
    .add_option_function<double>(
      "--max-seconds", [&x](double seconds) { x.limit = from_seconds(seconds); },
      "End the run after so long whatever happens; passes that are open then are incomplete [60]")
    ->check(CLI::Range(0.01, 86400.0))
    ->type_name("SECONDS");
}

/// Why options that can be read make no sense together; empty where they do.
std::string contradiction(const peer_options& x) {
  const auto keeps = x.peer == peer_kind::redis;
  if ((x.fill || x.is_kept) && !keeps)
    return "--fill, --kept: this broker keeps nothing";
  if (x.fill && x.is_kept)
    return "--fill: takes no --kept";
  if (keeps && !x.is_kept && (x.duration || x.passes.value_or(1) > 1))
    return "--seconds, --passes: take --kept with redis, which keeps what was published";
  return {};
}

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

} // namespace

std::variant<peer_options, early_exit> parse_options(int argc, const char* const* argv) {
  peer_options result;
  CLI::App app{description};
  app.name("peer-load");
  app.footer(footer);
  add_peer(app, result);
  add_server(app, result);
  add_clients(app, result);
  add_run(app, result);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return early_exit{exit_complete, app.help()};
  } catch (const CLI::ParseError& problem) {
    return early_exit{exit_usage, "peer-load: " + first_line(problem.what()) + " (see --help)\n"};
  }
  if (const auto problem = contradiction(result); !problem.empty())
    return early_exit{exit_usage, "peer-load: " + problem + "\n"};
  if (!result.passes && !result.duration)
    result.passes = 1;
  return result;
}

} // namespace dispatch::bench
