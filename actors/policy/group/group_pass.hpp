#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "actors/policy/group/group_epochs.hpp"
#include "actors/policy/order/slot_pass.hpp"
#include "wire/group/group_batch.hpp"

namespace dispatch::policy {

/// The session of a group's member: its batches are those that the group hands to it. An epoch is over when the group
/// says so, which may be while batches of the next one are given.
class group_pass : public slot_pass {
public:
  /// @param epoch that is open when the member joins
  group_pass(const group_spec& spec, std::uint64_t epoch, lookahead::options window);

  /// The group gives batches, which are delivered in this order.
  void hand(const std::vector<handed_batch>& batches);

  /// All epochs before this one are over, and maybe all there are.
  void move_on(std::uint64_t open_epoch, bool is_over);

  /// How many more batches could be under way.
  std::size_t free_room() const noexcept;

  std::optional<wanted> ask(time_point now) override;
  std::optional<std::int64_t> batches() const noexcept override;

private:
  const epoch_steps& steps_of(std::uint64_t epoch);

  group_epochs epochs_;
  /// Given by the group, and not asked for.
  std::deque<handed_batch> handed_;
  /// The client knows that all epochs before this one are over.
  std::uint64_t open_epoch_;
  bool is_over_ = false;
  /// The batches of the epoch that was looked at last.
  std::uint64_t known_epoch_;
  epoch_steps known_steps_;
};

} // namespace dispatch::policy
