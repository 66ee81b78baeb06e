#include <nlohmann/json.hpp>

#include "bench/load/run.hpp"

namespace dispatch::bench {

namespace {

using json = nlohmann::ordered_json;

double milliseconds(duration_histogram::duration value) {
  return std::chrono::duration<double, std::milli>(value).count();
}

json percentiles(const duration_histogram& times) {
  return {{"p50", milliseconds(times.quantile(0.5))},
          {"p90", milliseconds(times.quantile(0.9))},
          {"p99", milliseconds(times.quantile(0.99))},
          {"max", milliseconds(times.max())},
          {"count", times.count()}};
}

json of_group(const tally& counts, double seconds) {
  const auto rate = [seconds](double amount) { return seconds > 0 ? amount / seconds : 0; };
  return {
    {"frames", counts.frames},
    {"bytes", counts.bytes},
    {"frames_per_second", rate(static_cast<double>(counts.frames))},
    {"mb_per_second", rate(static_cast<double>(counts.bytes) / 1e6)},
    {"first_frame_ms", percentiles(counts.first_frame)},
    {"gap_ms", percentiles(counts.gap)},
    {"clients", {{"complete", counts.clients_complete}, {"incomplete", counts.clients_incomplete}}},
    {"passes",
     {{"complete", counts.passes_complete}, {"incomplete", counts.passes_incomplete}, {"cut", counts.passes_cut}}},
    {"order_violations", counts.order_violations()},
    {"faults", counts.faults},
    {"errors", counts.errors},
    {"error_message", counts.error_message}};
}

} // namespace

std::string to_json(const load_options& options, const run_result& result) {
  json all{{"good", result.good(options)}, {"seconds", result.seconds}, {"cpu_seconds", result.cpu_seconds}};
  all.update(of_group(result.normal, result.seconds));
  if (options.slow > 0)
    all["slow"] = of_group(result.slow, result.seconds);
  if (options.is_group)
    all["group"] = {{"epochs_over", result.group.epochs_over()},
                    {"wrong_epochs", result.wrong_epochs(options)},
                    {"redelivered", result.group.redelivered()}};
  if (options.stalled > 0)
    all["stalled"] = options.stalled;
  // What a server says need not be UTF-8.
  return all.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

} // namespace dispatch::bench
