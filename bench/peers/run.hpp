#pragma once

#include <optional>
#include <string>

#include "bench/peers/options.hpp"
#include "bench/peers/read_loop.hpp"

namespace dispatch::bench {

/// What a run has measured.
struct run_result {
  read_counts counts;
  double seconds = 0;                       ///< from when all consumers were subscribed to the end
  double cpu_seconds = 0;                   ///< this program's own in that time, with the publisher's
  std::optional<double> server_cpu_seconds; ///< the broker's in that time

  /// Whether every pass that ended was complete, and there was something to be had.
  bool good(const peer_options& options) const;
};

/// Publishes and reads until the end that the options say.
/// @throws peer_error, dataset::data_error, std::system_error
run_result run(const peer_options& options);

/// The result as a JSON object of several lines.
std::string to_json(const peer_options& options, const run_result& result);

} // namespace dispatch::bench
