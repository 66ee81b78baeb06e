#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "apps/pull/frame.hpp"
#include "bench/stream/duration_histogram.hpp"

namespace dispatch::bench {

/// What a group of clients has got.
struct tally {
  std::uint64_t frames = 0; ///< that were the ones that were due
  std::uint64_t bytes = 0;
  std::uint64_t passes_complete = 0;
  std::uint64_t passes_incomplete = 0;
  std::uint64_t passes_cut = 0;                ///< were in order when the run ended
  std::uint64_t clients_complete = 0;          ///< with passes of which none was incomplete
  std::uint64_t clients_incomplete = 0;        ///< with an incomplete pass
  duration_histogram first_frame;              ///< from connect() to the end of the first frame
  duration_histogram gap;                      ///< between the ends of one client's frames
  std::map<std::string, std::uint64_t> faults; ///< incomplete passes, by what was wrong
  std::map<std::string, std::uint64_t> errors; ///< error frames, by gRPC's name of the code
  std::string error_message;                   ///< of the first error frame

  /// Counts a pass that was not complete.
  void add_fault(const std::string& name);

  /// Counts an error frame.
  void add_error(const pull::stream_error& error);

  /// Adds everything that `other` has counted.
  void merge(const tally& other);

  /// Gaps, duplicates and batches in wrong order.
  std::uint64_t order_violations() const;
};

} // namespace dispatch::bench
