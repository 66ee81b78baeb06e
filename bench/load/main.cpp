#include <cstdio>
#include <exception>
#include <fstream>
#include <iostream>
#include <string>
#include <variant>

#include "apps/process/result_output.hpp"
#include "apps/process/stop_descriptor.hpp"
#include "bench/load/options.hpp"
#include "bench/load/run.hpp"
#include "io/descriptor_limit.hpp"

namespace {

using namespace dispatch;

int fail(const std::string& what) {
  std::cerr << "dispatcher-load: " << what << '\n';
  return bench::exit_incomplete;
}

int load(const bench::load_options& options) {
  const stop_descriptor stop;
  const auto result = bench::run(options, stop);
  const auto text = bench::to_json(options, result);
  if (options.json.empty()) {
    if (const auto problem = write_result(text))
      return fail(*problem);
  } else {
    std::ofstream file{options.json};
    file << text << std::flush;
    if (!file)
      return fail("cannot write " + options.json);
  }
  return result.good(options) ? bench::exit_complete : bench::exit_incomplete;
}

} // namespace

int main(int argc, char** argv) {
  const auto parsed = bench::parse_options(argc, argv);
  if (const auto* early = std::get_if<bench::early_exit>(&parsed)) {
    const auto problem = write_result(early->text, early->code == 0 ? STDOUT_FILENO : STDERR_FILENO);
    return problem ? fail(*problem) : early->code;
  }
  io::raise_descriptor_limit();
  try {
    return load(std::get<bench::load_options>(parsed));
  } catch (const std::exception& problem) {
    return fail(problem.what());
  }
}
