#pragma once

#include <cstdint>
#include <string>

#include "apps/process/stop_descriptor.hpp"
#include "bench/load/options.hpp"
#include "bench/load/tally.hpp"
#include "bench/stream/group_account.hpp"

namespace dispatch::bench {

/// What a run has measured.
struct run_result {
  tally normal;
  tally slow;
  group_account group;
  double seconds = 0;     ///< from the first connect() to the last pass's end
  double cpu_seconds = 0; ///< this program's own, user and system
  bool interrupted = false;

  /// Epochs of a group that did not have each of their batches once.
  std::uint64_t wrong_epochs(const load_options& options) const;

  /// Whether every pass that ended was complete, each epoch of a group was, and there was something to be had.
  bool good(const load_options& options) const;
};

/// Connects, reads and counts until the end that the options say, or a signal. Progress goes to stderr once a second.
/// Throws `resolve_error`, `pull::connect_error` (for clients that are to stall) or `std::system_error`.
run_result run(const load_options& options, const stop_descriptor& stop);

/// The result as a JSON object of several lines.
std::string to_json(const load_options& options, const run_result& result);

} // namespace dispatch::bench
