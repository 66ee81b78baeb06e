#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "bench/stream/session_cutter.hpp"
#include "bench/stream/session_note.hpp"
#include "bench/stream/stream_check.hpp"

namespace dispatch::bench {

/// Checks what a session's client is sent, with raw payloads: the welcome first, every batch once and in order from 0,
/// each in the epoch that is due, the end of each epoch with the number of its batches, and the end of all with theirs.
class session_check : public stream_check {
public:
  /// @param expected how many batches each epoch has to have, where that is known (>= 1)
  explicit session_check(std::optional<std::int64_t> expected = std::nullopt) : expected_(expected) {}

  std::size_t take(std::string_view bytes) override;

private:
  std::optional<stream_fault> judge(const session_note& note);
  std::optional<stream_fault> judge_sequence(const session_note& batch);

  /// What is wrong with the epoch of a batch that has come.
  virtual std::optional<stream_fault> judge_batch_epoch(const session_note& batch);

  /// What is wrong with an epoch's end.
  virtual std::optional<stream_fault> judge_epoch_end(const session_note& end);

  /// Whether all epochs that have begun are over.
  virtual bool between_epochs() const { return of_epoch_ == 0; }

  std::optional<std::int64_t> expected_;
  session_cutter cutter_;
  bool is_welcome_ = false;
  std::int64_t due_ = 0;              // the batch that has to come next
  std::int64_t of_epoch_ = 0;         // batches so far of the epoch that is going on
  std::optional<std::int64_t> epoch_; // that is going on; nothing: the first thing that is said of one tells
};

} // namespace dispatch::bench
