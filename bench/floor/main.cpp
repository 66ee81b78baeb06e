#include <exception>
#include <iostream>
#include <variant>

#include "apps/process/stop_descriptor.hpp"
#include "bench/floor/floor_server.hpp"
#include "bench/floor/options.hpp"
#include "bench/floor/ready_lines.hpp"
#include "bench/floor/ready_session.hpp"
#include "io/descriptor_limit.hpp"

namespace {

using namespace dispatch;

void serve(const bench::floor_options& options) {
  const stop_descriptor stop;
  bench::floor_server server{options, options.is_session
                                        ? bench::encode_session(options.dataset, options.batch_size, options.epochs)
                                        : bench::encode_dataset(options.dataset, options.batch_size)};
  std::cerr << "serving port=" << server.port() << std::endl;
  server.serve(stop.fd());
}

} // namespace

int main(int argc, char** argv) {
  const auto parsed = bench::parse_options(argc, argv);
  if (const auto* early = std::get_if<bench::early_exit>(&parsed)) {
    (early->code == 0 ? std::cout : std::cerr) << early->text;
    return early->code;
  }
  io::raise_descriptor_limit();
  try {
    serve(std::get<bench::floor_options>(parsed));
    return 0;
  } catch (const std::exception& problem) {
    std::cerr << "floor-server: " << problem.what() << '\n';
    return 2;
  }
}
