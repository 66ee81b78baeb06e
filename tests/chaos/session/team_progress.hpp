#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/chaos/session/session_judge.hpp"
#include "tests/chaos/session/team_plan.hpp"

namespace dispatch::chaos {

/// Where a team is, and what it has got: as a training job that keeps a checkpoint after steps that all ranks have
/// made.
///
/// A stint ends where the rank is that has come least far. What others got beyond that is thrown away, and comes again.
class team_progress {
public:
  /// @param plan must outlive the progress
  team_progress(std::int64_t samples, const team_plan& plan) : samples_(samples), plan_(plan) {}

  /// Where the next stint begins; nothing: at the beginning.
  const std::optional<session_cursor>& cursor() const noexcept { return cursor_; }

  /// Whether all epochs are over.
  bool complete() const noexcept { return place_ == order_place{plan_.epochs, 0}; }

  /// Takes what the ranks of a stint have got.
  /// @returns what is wrong with all of it together, in one sentence
  std::optional<std::string> end_stint(const std::vector<const session_judge*>& ranks);

  /// Epochs that are over, and of which each sample came once.
  std::uint64_t epochs() const noexcept { return epochs_; }

  /// Samples that were kept.
  std::uint64_t samples() const noexcept { return kept_; }

private:
  std::optional<std::string> keep(const given_batch& batch);
  std::optional<std::string> close_epoch(std::uint64_t epoch, std::int64_t dropped);

  std::int64_t samples_;
  const team_plan& plan_;
  std::optional<session_cursor> cursor_;
  order_place place_;
  std::map<std::uint64_t, std::vector<bool>> given_; // by epoch and sample, of epochs that are not over
  std::uint64_t epochs_ = 0;
  std::uint64_t kept_ = 0;
};

} // namespace dispatch::chaos
