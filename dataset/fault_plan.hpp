#pragma once

#include <grpcpp/support/status_code_enum.h>

#include <chrono>
#include <cstdint>
#include <optional>
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

/// A batch that fails whenever it is asked for.
struct poisoned_batch {
  std::int32_t index = 0;
  grpc::StatusCode code = grpc::StatusCode::INTERNAL;
};

/// Reads `INDEX` or `INDEX:CODE` with INDEX from 0 and CODE as above.
/// @throws std::invalid_argument with a line that says what the text is and what it should be
poisoned_batch parse_poisoned_batch(std::string_view text);

/// Batches that come late, whatever the others do.
struct slow_time {
  std::uint64_t first = 0; ///< the number of the first of them; 0: there are none
  std::uint64_t last = 0;
  std::chrono::milliseconds latency{0};
};

/// Reads `FIRST-LAST:MS` with FIRST at least 1 and LAST no less.
/// @throws std::invalid_argument with a line that says what the text is and what it should be
slow_time parse_slow_time(std::string_view text);

/// What befalls a batch instead of being sent.
enum class fault {
  none, ///< it is sent
  fail, ///< its call ends with fault_plan::failures.code
  hang, ///< its call gets no answer
};

/// How a batch that is sent differs from what it should be.
struct distortion {
  bool empty = false;              ///< it has no samples
  bool is_short = false;           ///< its last sample is missing
  bool misnumbered = false;        ///< it says that it is the next one
  std::optional<bool> marked_last; ///< whether it says that it is the last one; nothing: the truth
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
  slow_time slow;
  std::optional<poisoned_batch> poisoned;
  std::optional<std::int32_t> hanging_batch; ///< the index of a batch that hangs whenever it is asked for
  std::optional<std::int32_t> empty_batch;   ///< the index of a batch that never has samples
  std::uint64_t empty_every = 0;             ///< each batch whose number is a multiple of this has no samples; 0: none
  std::optional<std::int32_t> short_batch;   ///< the index of a batch whose last sample is always missing
  std::uint64_t short_every = 0;             ///< each batch whose number is a multiple of this lacks a sample; 0: none
  std::optional<std::int32_t> own_batch;     ///< samples in each batch, whatever a call asks for
  std::uint64_t misnumbered_every = 0;       ///< each batch whose number is a multiple of this is misnumbered; 0: none
  /// The index of the only batch that is marked as the last one, below 0: none is; nothing: the last one is.
  std::optional<std::int32_t> marked_last;
  bool undescribed = false; ///< GetDatasetInfo is UNIMPLEMENTED

  /// Whether there is any fault in it.
  bool any() const noexcept;

  /// The fate of a batch.
  /// @param number from 1
  /// @param index of the batch in its dataset
  fault fate_of(std::uint64_t number, std::int32_t index) const noexcept;

  /// What fails ends with this.
  grpc::StatusCode code_of(std::int32_t index) const noexcept;

  /// How long a batch takes.
  std::chrono::milliseconds latency_of(std::uint64_t number) const noexcept;

  distortion distortion_of(std::uint64_t number, std::int32_t index) const noexcept;
};

} // namespace dispatch::dataset
