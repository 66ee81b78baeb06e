#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "apps/pull/session/server_line.hpp"

namespace dispatch::pull {

/// What became of one session.
struct session_summary {
  std::string dataset;                   ///< empty before the `welcome`
  std::uint64_t epochs = 0;              ///< that are over
  std::uint64_t redelivered = 0;         ///< batches that another member of the group may have had
  std::uint64_t batches = 0;             ///< that came in order
  std::uint64_t samples = 0;             ///< in them
  std::uint64_t bytes = 0;               ///< of samples
  given_counts said;                     ///< by the epochs that are over
  std::chrono::duration<double> time{0}; ///< from the connection to the end
  bool complete = false;
  std::string cursor;                                      ///< where another session goes on; empty: at the beginning
  std::string out;                                         ///< the last file that has samples; empty: none
  std::uint64_t files = 0;                                 ///< that have samples
  std::string error;                                       ///< one sentence; empty when the session was complete
  std::optional<std::string> error_code;                   ///< of the dispatcher's error
  std::vector<std::pair<std::string, std::string>> sha256; ///< of each column, by its name
};

/// One line for people, such as `complete: 2 epochs, 314 batches, 20000 samples, 62.72 MB, 0.61 s, 32787 samples/s`.
std::string summary_line(const session_summary& x);

/// One JSON object on one line, for scripts; keys: complete, dataset, epochs, batches, redelivered, samples, padded,
/// dropped, skipped, bytes, seconds, samples_per_second, cursor, out, files, error, error_code, sha256. What is not
/// known is null.
std::string summary_json(const session_summary& x);

/// The command that goes on at a cursor.
/// @param arguments of the program as it was called, without its name
/// @param drops_epochs whether `--epochs` is left out, because all of them are over
std::string go_on_command(const std::vector<std::string>& arguments, const std::string& cursor, bool drops_epochs);

} // namespace dispatch::pull
