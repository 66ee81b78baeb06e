#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <variant>
#include <vector>

#include "wire/group/group_batch.hpp"
#include "wire/session/client_message.hpp"
#include "wire/status_code.hpp"

namespace dispatch::policy {

/// The batches of a session that its client has not acknowledged.
class unacked_batches {
public:
  struct entry {
    /// The place behind the batch.
    epoch_position place;
    /// Where it is one of a group.
    std::optional<group_batch> batch{};
  };

  /// @param from where the session begins
  unacked_batches(ack_mode mode, epoch_position from) : mode_(mode), last_place_(from), furthest_(from) {}

  /// The next batch departs to the client.
  void depart(const entry& batch);

  /// Takes what the client says. Batches that were acknowledged before count no more.
  /// @returns those that are acknowledged now, in their order; a failure where a number, or a place behind all batches,
  /// was never sent
  std::variant<std::vector<entry>, failure> acknowledge(const ack& said);

  std::size_t size() const noexcept { return batches_.size(); }

  /// The place behind the batches that were acknowledged without a gap.
  epoch_position place() const noexcept { return batches_.empty() ? last_place_ : batches_.begin()->second.before; }

  /// Batches of the group from a number on.
  std::vector<group_batch> from(std::uint64_t sequence) const;

private:
  struct unacked {
    entry what;
    /// The place before the batch.
    epoch_position before;
  };

  using batch_map = std::map<std::uint64_t, unacked>;

  /// The number of the batch that ends at a place; none where it was acknowledged before, or never sent.
  std::vector<std::uint64_t> ending_at(epoch_position place) const;

  ack_mode mode_;
  std::uint64_t next_ = 0;
  epoch_position last_place_;
  /// A group's batches come in no order.
  epoch_position furthest_;
  /// By their numbers in the session.
  batch_map batches_;
};

} // namespace dispatch::policy
