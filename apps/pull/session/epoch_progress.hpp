#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "apps/pull/progress.hpp"
#include "apps/pull/session/server_line.hpp"

namespace dispatch::pull {

/// How far a session has come within an epoch.
struct epoch_counts {
  std::uint64_t epoch = 0;
  std::int64_t batch = 0; ///< of the epoch's batches for this shard, from 1; 0: none has come
  std::optional<std::int64_t> batches;
  std::uint64_t samples = 0; ///< that came in this epoch
  std::uint64_t bytes = 0;   ///< of them
};

/// The line of an epoch, without a line end, such as `epoch 2: 120/313 batches, 24100 samples/s, 75.6 MB/s`.
std::string epoch_text(const epoch_counts& counts, double seconds, std::uint64_t samples, std::uint64_t bytes);

/// The line of an epoch that is over, without a line end: what the dispatcher says it gave, and how fast it came.
/// @param seconds that the epoch took
std::string epoch_over_text(const epoch_line& over, std::uint64_t bytes, double seconds);

/// On whom the dispatcher waits, how long, and why; one line without its end.
std::string wait_text(const wait_line& said);

/// Which of its epoch's batches for its shard is a batch: from 1, by its position. Positions that are skipped move it.
std::int64_t batch_of_epoch(const batch_line& batch, const welcome_line& welcome);

/// Shows how a session goes, in the rhythm of `progress`: it has to be told at least ten times a second. Its rates are
/// those of about the last second.
class epoch_progress {
public:
  using clock = progress::clock;

  /// @param how its `expected` is not used
  epoch_progress(progress::settings how, clock::time_point now);

  /// Says how far the session is.
  void update(const epoch_counts& counts, clock::time_point now);

  /// Writes a line of its own between what is drawn.
  void say(const std::string& text);

  /// Leaves the line that is drawn.
  void finish();

  /// What came before was of another epoch.
  void begin_epoch(clock::time_point now);

private:
  void draw(const epoch_counts& counts, clock::time_point now);

  progress::settings settings_;
  clock::time_point start_;
  std::optional<clock::time_point> drawn_;
  std::int64_t drawn_batch_ = 0;
  bool is_on_line_ = false;
  /// From where the rates are measured, and where they will be next.
  clock::time_point since_;
  epoch_counts since_counts_;
  clock::time_point next_;
  epoch_counts next_counts_;
};

} // namespace dispatch::pull
