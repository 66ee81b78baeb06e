#pragma once

#include <grpcpp/support/status_code_enum.h>

#include <chrono>
#include <cstdint>
#include <string_view>

namespace dispatch::dataset {

/// Which batches fail, and how.
struct failure_rule {
  std::uint64_t every = 0; ///< each batch whose number is a multiple of this fails; 0: none
  grpc::StatusCode code = grpc::StatusCode::UNAVAILABLE;
};

/// Reads `N` or `N:CODE` with N at least 1 and CODE one of gRPC's names other than OK, such as
/// `RESOURCE_EXHAUSTED`.
/// @throws std::invalid_argument with a line that says what the text is and what it should be
failure_rule parse_failure_rule(std::string_view text);

/// What befalls a batch instead of being sent.
enum class fault {
  none, ///< it is sent
  fail, ///< its call ends with fault_plan::failures.code
  hang, ///< its call gets no answer
};

/// The faults that a dataset service makes on purpose. Every batch that would be sent counts, from 1 and over
/// all calls and clients: an answered GetBatch is one, each item of a StreamBatches is one. Calls that are
/// refused (an unknown dataset, a batch size below 1, an index outside) and those of the other methods do not
/// count.
struct fault_plan {
  std::chrono::milliseconds latency{0}; ///< before each batch that is sent or fails
  failure_rule failures;
  std::uint64_t hang_every =
    0; ///< each batch whose number is a multiple of this hangs, even if it should fail; 0: none

  /// The fate of a batch.
  /// @param number from 1
  fault fate_of(std::uint64_t number) const noexcept;
};

} // namespace dispatch::dataset
