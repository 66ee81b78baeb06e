#pragma once

#include <cstdint>
#include <map>

namespace dispatch::bench {

/// Counts what all members of a group were given, by epoch.
class group_account {
public:
  void add_batch(std::int64_t epoch, bool is_redelivered);

  /// A member was told that the epoch is over: then each of its batches was acknowledged, by whomever.
  void end_epoch(std::int64_t epoch) { epochs_[epoch].is_over = true; }

  /// Adds everything that `other` has counted.
  void merge(const group_account& other);

  /// How many epochs are over.
  std::uint64_t epochs_over() const;

  /// How many batches were marked as redelivered.
  std::uint64_t redelivered() const;

  /// How many epochs are over that had not each of so many batches once. Those that are marked may have come before.
  std::uint64_t wrong_epochs(std::int64_t expected) const;

private:
  struct epoch_count {
    std::int64_t batches = 0; // with those that are redelivered
    std::int64_t redelivered = 0;
    bool is_over = false;
  };

  std::map<std::int64_t, epoch_count> epochs_;
};

} // namespace dispatch::bench
