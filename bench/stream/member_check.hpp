#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "bench/stream/group_account.hpp"
#include "bench/stream/session_check.hpp"

namespace dispatch::bench {

/// Checks what a member of a group is sent. As in any session, batches are counted from 0 and the end of each epoch has
/// the number of those that came. Batches of later epochs may come before that end, and none of the epoch behind it.
class member_check final : public session_check {
public:
  /// @param account is told what comes; it outlives the check
  explicit member_check(group_account& account) : account_(account) {}

private:
  std::optional<stream_fault> judge_batch_epoch(const session_note& batch) override;
  std::optional<stream_fault> judge_epoch_end(const session_note& end) override;

  bool between_epochs() const override { return open_.empty(); }

  group_account& account_;
  std::map<std::int64_t, std::int64_t> open_; // batches so far, by their epochs
  std::optional<std::int64_t> next_end_;      // the epoch that has to end next; nothing: the first end tells
};

} // namespace dispatch::bench
