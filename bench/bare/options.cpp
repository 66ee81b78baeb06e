#include "bench/bare/options.hpp"

#include <CLI/CLI.hpp>

namespace dispatch::bench {

namespace {

constexpr const char* description =
  R"(Reads whole passes from a dataset service, in the same way as a dispatcher and with nothing around it: the most that
this service gives to one client, by one stream or by so many calls at a time. Each batch has to come once.)";

constexpr const char* footer = R"(Examples:
  bare-client --upstream localhost:50051 --passes 20              each pass is one StreamBatches
  bare-client --upstream localhost:50051 --passes 20 --calls 8    a GetBatch for each batch, eight at a time

The result is one JSON object: for each pass its seconds, and the milliseconds to its first batch. The connection is
there before the first pass begins.
Exit codes: 0 all passes were complete, 1 one was not, 2 usage.)";

} // namespace

std::variant<bare_options, early_exit> parse_options(int argc, const char* const* argv) {
  bare_options result;
  CLI::App app{description};
  app.name("bare-client");
  app.footer(footer);
  app.add_option("--upstream", result.upstream, "The dataset service [localhost:50051]")->type_name("HOST:PORT");
  app.add_option("--dataset", result.dataset, "[mnist]")->type_name("NAME");
  app.add_option("--batch-size", result.batch_size, "Samples in a batch [30]")
    ->check(CLI::Range(1, 2147483647))
    ->type_name("N");
  app.add_option("--batches", result.batches, "Batches of a pass [334]")
    ->check(CLI::Range(1, 2147483647))
    ->type_name("N");
  app.add_option("--calls", result.calls, "GetBatch calls at a time; 0: a stream [0]")
    ->check(CLI::Range(0, 1000))
    ->type_name("K");
  app.add_option("--passes", result.passes, "One after another [1]")->check(CLI::Range(1, 1000000))->type_name("P");
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return early_exit{0, app.help()};
  } catch (const CLI::ParseError& problem) {
    return early_exit{2, std::string{"bare-client: "} + problem.what() + " (see --help)\n"};
  }
  return result;
}

} // namespace dispatch::bench
