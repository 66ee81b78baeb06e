#include "bench/floor/options.hpp"

#include <CLI/CLI.hpp>

namespace dispatch::bench {

namespace {

constexpr const char* description =
  R"(Streams frames that were encoded before the first client came to everyone who connects, from one thread with one
epoll loop, and does nothing else: what a dispatcher could reach at most if all of its own work cost nothing.)";

constexpr const char* footer = R"(Once it serves, it says 'serving port=N' on stderr. SIGTERM and SIGINT stop it.)";

void add_listen(CLI::App& app, floor_options& x) {
  const auto store = [&x](const std::string& text) {
    const auto address = io::parse_host_port(text);
    if (!address)
      throw CLI::ValidationError("--listen", "got '" + text + "', takes HOST:PORT");
    x.listen = *address;
  };
  app.add_option_function<std::string>("--listen", store, "Where to serve; port 0: any that is free [127.0.0.1:0]")
    ->type_name("HOST:PORT");
}

} // namespace

std::variant<floor_options, early_exit> parse_options(int argc, const char* const* argv) {
  floor_options result;
  CLI::App app{description};
  app.name("floor-server");
  app.footer(footer);
  add_listen(app, result);
  app.add_option("--dataset", result.dataset, "mnist or mnist-labels [mnist]")->type_name("NAME");
  app.add_option("--batch-size", result.batch_size, "Samples in a frame [30]")
    ->check(CLI::Range(1, 2147483647))
    ->type_name("N");
  app.add_flag("--session", result.is_session,
               "Sends a session with raw payloads to whoever has said a line, whatever it is");
  app.add_option("--epochs", result.epochs, "Epochs of each session [1]")->check(CLI::Range(1, 10000))->type_name("N");
  app.add_option("--unsent-limit", result.unsent_limit, "TCP_NOTSENT_LOWAT [131072]")
    ->check(CLI::Range(1, 2147483647))
    ->type_name("BYTES");
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return early_exit{0, app.help()};
  } catch (const CLI::ParseError& problem) {
    return early_exit{2, std::string{"floor-server: "} + problem.what() + " (see --help)\n"};
  }
  return result;
}

} // namespace dispatch::bench
