#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <vector>

#include "wire/group/group_sync.hpp"

namespace dispatch::policy {

/// A lease of this dispatcher: which of its batches are to be handed out, which are out, and which are settled. Each
/// batch is in one of these three states.
class leased_run {
public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit leased_run(const run_lease& lease);

  std::int64_t token() const noexcept { return token_; }
  group_run run() const noexcept { return run_; }

  /// Those that can be handed out.
  batch_mask ready() const noexcept { return batches_ & ~settled_ & ~out_; }
  batch_mask out() const noexcept { return out_; }
  bool is_settled() const noexcept { return (batches_ & ~settled_) == 0; }

  /// The member that holds a batch that is out.
  member_id holder(int bit) const noexcept { return holders_[index(bit)].member; }

  /// Since when.
  time_point held_since(int bit) const noexcept { return holders_[index(bit)].since; }

  std::uint32_t deliveries(int bit) const noexcept { return deliveries_[index(bit)]; }

  /// Gives a member the first batch that is ready.
  handed_batch hand_out(member_id to, time_point now);

  /// What became of a batch that comes back.
  enum class outcome {
    /// Its member was not sent it.
    unsent,
    /// Its member had it, and was busy with an earlier one.
    waited,
    /// Its member may have worked on it.
    tried,
  };

  /// A batch is out no more, and can be handed out again. Only one that was tried counts as delivered.
  void take_back(int bit, outcome how);

  void settle(batch_mask batches) noexcept;

  /// Gives up batches that are ready. The store is told so until it has answered (`forget_returned`).
  void give_up(batch_mask batches) noexcept;
  void forget_returned(batch_mask batches) noexcept { returned_ &= ~batches; }

  /// What the store is told; without `members`.
  held_lease to_held() const;

private:
  struct holding {
    member_id member = 0;
    time_point since;
    bool is_redelivered = false;
  };

  static std::size_t index(int bit) noexcept { return static_cast<std::size_t>(bit); }

  std::int64_t token_;
  group_run run_;
  batch_mask batches_;
  batch_mask settled_;
  batch_mask out_ = 0;
  batch_mask returned_ = 0;
  /// Those that a member may have had.
  batch_mask touched_;
  std::array<holding, run_size> holders_{};
  std::array<std::uint32_t, run_size> deliveries_{};
};

} // namespace dispatch::policy
