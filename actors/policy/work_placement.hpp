#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

#include "actors/policy/dataset_holders.hpp"
#include "actors/policy/open_calls.hpp"
#include "actors/policy/pool_ids.hpp"
#include "actors/policy/work_queue.hpp"

namespace dispatch::policy {

/// Where a piece of work may go: which upstreams may give it, and which fetcher gets it now. A view of what the
/// scheduler knows, for one decision.
///
/// An upstream that lacks the work's dataset is passed over while another one may have it (ADR 24).
class work_placement {
public:
  using time_point = std::chrono::steady_clock::time_point;

  work_placement(const open_calls& calls, const dataset_holders& holders, time_point now)
    : calls_(calls),
      holders_(holders),
      now_(now) {}

  // -- upstreams

  /// Whether any upstream that has not refused the work may give it, now or when it is there again.
  bool may_be_given(const work_item& wanted) const;

  /// The upstreams that do not get the work, since they lack its dataset and another one may have that.
  std::vector<upstream_id> passed_over(const work_item& wanted) const;

  /// Whether the work can go to an upstream where it is not under way.
  bool can_go_elsewhere(const work_item& wanted) const;

  // -- fetchers

  /// The fetcher with the fewest calls of those that may have the work; nothing where it has to wait. Preferred are, in
  /// this order: upstreams that have not failed the work, fetchers that have not, any fetcher; and after all of these,
  /// for work that was begun before, unresponsive upstreams. Work waits for a preferred fetcher that is busy.
  /// @param position how much waits before it, where it is fresh
  /// @param passed_over upstreams that do not get it
  std::optional<fetcher_id> pick(const work_item& wanted, std::size_t position,
                                 const std::vector<upstream_id>& passed_over) const;

private:
  enum preference : std::size_t { other_upstream, other_fetcher, any_fetcher, unresponsive_upstream, preferences };

  bool may_give(upstream_id upstream, const work_item& wanted) const;
  preference preference_of(fetcher_id id, const open_calls::fetcher& candidate, const attempts& tried) const;
  const upstream_stats& upstreams() const noexcept { return calls_.upstreams(); }

  const open_calls& calls_;
  const dataset_holders& holders_;
  time_point now_;
};

} // namespace dispatch::policy
