#include <unistd.h>

#include <csignal>
#include <exception>
#include <iostream>
#include <string>
#include <variant>

#include "apps/process/result_output.hpp"
#include "bench/peers/options.hpp"
#include "bench/peers/run.hpp"

namespace {

using namespace dispatch;

int fail(const std::string& what) {
  std::cerr << "peer-load: " << what << '\n';
  return bench::exit_incomplete;
}

int load(const bench::peer_options& options) {
  const auto result = bench::run(options);
  if (const auto problem = write_result(bench::to_json(options, result)))
    return fail(*problem);
  return result.good(options) ? bench::exit_complete : bench::exit_incomplete;
}

} // namespace

int main(int argc, char** argv) {
  const auto parsed = bench::parse_options(argc, argv);
  if (const auto* early = std::get_if<bench::early_exit>(&parsed)) {
    const auto problem = write_result(early->text, early->code == 0 ? STDOUT_FILENO : STDERR_FILENO);
    return problem ? fail(*problem) : early->code;
  }
  // A broker that closes a connection is told of by the library's call.
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return load(std::get<bench::peer_options>(parsed));
  } catch (const std::exception& problem) {
    return fail(problem.what());
  }
}
