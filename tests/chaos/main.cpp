#include <csignal>
#include <exception>
#include <iostream>
#include <variant>

#include "io/descriptor_limit.hpp"
#include "tests/chaos/chaos_run.hpp"
#include "tests/chaos/options.hpp"
#include "tests/chaos/report.hpp"

namespace {

using namespace dispatch;

int run(const chaos::options& opts) {
  const auto result = chaos::chaos_run{opts}.run();
  std::cout << chaos::to_text(result, opts) << std::flush;
  return result.problems.empty() ? chaos::exit_kept : chaos::exit_broken;
}

} // namespace

int main(int argc, char** argv) {
  const auto parsed = chaos::parse_options(argc, argv);
  if (const auto* early = std::get_if<chaos::early_exit>(&parsed)) {
    (early->code == 0 ? std::cout : std::cerr) << early->text;
    return early->code;
  }
  io::raise_descriptor_limit();
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return run(std::get<chaos::options>(parsed));
  } catch (const std::exception& problem) {
    std::cerr << "chaos-runner: " << problem.what() << '\n';
    return chaos::exit_broken;
  }
}
