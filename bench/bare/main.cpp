#include <malloc.h>

#include <exception>
#include <iostream>
#include <nlohmann/json.hpp>
#include <variant>

#include "bench/bare/options.hpp"
#include "bench/bare/upstream_reader.hpp"

namespace {

using namespace dispatch;

/// Memory of batches is used again, as in the dispatcher: otherwise the kernel's page faults are half of the time.
void tune_allocator() {
  ::mallopt(M_MMAP_THRESHOLD, 32 << 20);
  ::mallopt(M_TRIM_THRESHOLD, 64 << 20);
}

nlohmann::ordered_json measure(const bench::bare_options& options) {
  bench::upstream_reader reader{options};
  nlohmann::ordered_json result{{"batches", options.batches}, {"seconds", nlohmann::json::array()}};
  result["first_batch_ms"] = nlohmann::json::array();
  for (std::size_t pass = 0; pass < options.passes; ++pass) {
    const auto times = reader.read();
    result["seconds"].push_back(times.seconds);
    result["first_batch_ms"].push_back(times.first_batch_ms);
  }
  return result;
}

} // namespace

int main(int argc, char** argv) {
  const auto parsed = bench::parse_options(argc, argv);
  if (const auto* early = std::get_if<bench::early_exit>(&parsed)) {
    (early->code == 0 ? std::cout : std::cerr) << early->text;
    return early->code;
  }
  tune_allocator();
  try {
    std::cout << measure(std::get<bench::bare_options>(parsed)).dump() << std::endl;
    return 0;
  } catch (const std::exception& problem) {
    std::cerr << "bare-client: " << problem.what() << '\n';
    return 1;
  }
}
