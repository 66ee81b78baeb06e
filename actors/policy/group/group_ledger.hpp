#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "actors/policy/group/group_epochs.hpp"
#include "wire/group/group_record.hpp"

namespace dispatch::policy {

/// Whether all batches of all epochs are settled.
/// @param leases how many the group has
bool is_over(const group_record& group, std::size_t leases);

/// The rules by which dispatchers share a group: which of them has which batches, and what is settled.
///
/// Runs are given out in their order. `next` is the first one that no dispatcher has had; every run before it has a
/// lease for each batch that is not settled. So a group takes memory for what is out, however large its dataset is:
///
///     settled = everything before `next` - the batches of `leases` + what is settled of these
///
/// A lease that has expired stays with its dispatcher until another dispatcher wants batches. An acknowledgement counts
/// once, in any order, and from any dispatcher: it needs no lease.
class group_ledger {
public:
  /// @param state outlives the ledger
  explicit group_ledger(kept_group& state);

  /// Takes what a dispatcher says, and answers it. Another generation than the present one changes nothing.
  group_synced sync(const group_sync& said, store_time now);

  /// Begins a new generation: everything from a place on is given out again. Its dataset and order are the group's.
  void seek(std::uint64_t epoch, std::int64_t position);

  /// A batch is delivered no more. Returns false where it is settled, or was never given to a dispatcher.
  bool park(group_batch batch);

  group_progress progress() const;

private:
  void settle(const group_sync& said);
  /// @returns how many batches of leases were not settled before
  std::uint64_t settle(run_batches what);
  /// Takes what the dispatcher says of its leases. Those that it has no more are `lost`.
  void hold(const group_sync& said, store_time now, group_synced& answer);
  void give_back(lease_record& from, batch_mask batches);
  void drop_settled();
  /// Gives the dispatcher what it wants, as far as there is any.
  void grant(const group_sync& said, store_time now, group_synced& answer);
  /// The next lease that no dispatcher has; one whose dispatcher is gone has been delivered, as far as is known.
  lease_record* find_free(store_time now);
  /// The first run that no dispatcher has had; null where there is none, or not yet.
  lease_record* next_run();
  void note_shortage(const group_sync& said, std::int64_t missing, store_time now, group_synced& answer);
  std::vector<open_batches> elsewhere(const std::string& dispatcher) const;
  lease_record& add(run_lease lease);

  kept_group& state_;
  group_epochs epochs_;
};

} // namespace dispatch::policy
