#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace dispatch::pull {

/// Where the format of a sample comes from.
enum class sample_source { dispatcher, option, nobody };

/// What became of one pass.
struct summary {
  std::int64_t batches = 0;             ///< that came in order
  std::optional<std::uint64_t> samples; ///< nothing when the bytes were not whole samples
  std::string sample;                   ///< what `samples` counts, such as "float32:1x28x28"
  sample_source said_by = sample_source::nobody;
  std::uint64_t bytes = 0;               ///< of samples
  std::chrono::duration<double> time{0}; ///< from the connection to the last frame, or to where the pass failed
  std::optional<std::chrono::duration<double>> first_frame; ///< from the connection to the first frame
  bool complete = false;
  std::string error;                     ///< one sentence; empty when the pass was complete
  std::optional<std::string> error_code; ///< the code of the server's error frame
  std::optional<std::string> sha256;     ///< of all samples
};

/// One line for people, such as
/// `complete: 334 batches, 10000 samples, 31.36 MB of samples, 0.31 s, 1077 frames/s`. Where the dispatcher has
/// not described the samples, the line says by what format they were counted.
std::string summary_line(const summary& x);

/// One JSON object on one line, for scripts; keys: complete, batches, samples, sample, sample_confirmed, bytes,
/// seconds, frames_per_second, first_frame_ms, error, error_code, sha256. What is not known is null.
std::string summary_json(const summary& x);

} // namespace dispatch::pull
