#include <nlohmann/json.hpp>

#include "bench/peers/run.hpp"

namespace dispatch::bench {

std::string to_json(const peer_options& options, const run_result& result) {
  using json = nlohmann::ordered_json;
  const auto& counts = result.counts;
  const auto rate = [&result](double amount) { return result.seconds > 0 ? amount / result.seconds : 0; };
  json all{
    {"good", result.good(options)},
    {"seconds", result.seconds},
    {"cpu_seconds", result.cpu_seconds},
    {"server_cpu_seconds", result.server_cpu_seconds ? json(*result.server_cpu_seconds) : json()},
    {"frames", counts.frames},
    {"bytes", counts.bytes},
    {"frames_per_second", rate(static_cast<double>(counts.frames))},
    {"mb_per_second", rate(static_cast<double>(counts.bytes) / 1e6)},
    {"passes",
     {{"complete", counts.passes_complete}, {"incomplete", counts.passes_incomplete}, {"cut", counts.passes_cut}}},
    {"faults", counts.faults},
    {"errors", json::object()},
    {"error_message", counts.error_message}};
  // What a server says need not be UTF-8.
  return all.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

} // namespace dispatch::bench
