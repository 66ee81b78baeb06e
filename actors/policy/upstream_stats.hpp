#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

#include "actors/policy/pool_ids.hpp"
#include "actors/policy/upstream_model.hpp"

namespace dispatch::policy {

/// All upstreams, and which of them is worth being given what: one that is slower than others gets only what those
/// would not have done much sooner (ADR 17).
///
///     rate          = sum of limit / call over the upstreams that are faster
///     soonest       = the least call of all
///     first_position = (call / 2 - soonest) * rate: so much work waits before an upstream gets some of it
class upstream_stats {
public:
  using time_point = upstream_model::time_point;
  using duration = upstream_model::duration;
  using limits = concurrency_limit::options;

  explicit upstream_stats(const std::vector<limits>& of_upstreams);

  std::size_t size() const noexcept { return upstreams_.size(); }

  upstream_model& at(upstream_id id) { return upstreams_.at(id).model; }

  const upstream_model& at(upstream_id id) const { return upstreams_.at(id).model; }

  /// There is one more upstream.
  void add(const limits& of) { upstreams_.push_back(entry{upstream_model{of}}); }

  /// An upstream is gone for good. Its last calls may go on.
  void retire(upstream_id id) { upstreams_.at(id).is_retired = true; }

  /// Another upstream takes the place of a retired one that has no calls any more.
  void replace(upstream_id id, const limits& of) { upstreams_.at(id) = entry{upstream_model{of}}; }

  bool is_retired(upstream_id id) const { return upstreams_.at(id).is_retired; }

  void fetcher_up(upstream_id id) { ++upstreams_.at(id).live_fetchers; }

  void fetcher_down(upstream_id id) { --upstreams_.at(id).live_fetchers; }

  std::size_t live_fetchers(upstream_id id) const { return upstreams_.at(id).live_fetchers; }

  /// How long a call to this one may take before it is a straggler (`straggler_rule`).
  duration allowance(upstream_id id) const;

  /// Whether there is none with live fetchers but those of `except`.
  bool lives_only_in(const std::vector<upstream_id>& except) const;

  /// Finds out anew how much work must wait before it is worth giving some of it to a slower one. Work that was begun
  /// before is another matter: all are good enough for it.
  /// @param except these are not given any of it
  void find_positions(time_point now, const std::vector<upstream_id>& except = {});

  /// How much work must wait before this one gets some of it, when `find_positions` last found out.
  std::size_t first_position(upstream_id id) const { return upstreams_[id].first_position; }

  /// The least of these over all that live and have room; nothing where there is none.
  std::optional<std::size_t> least_position(const std::vector<upstream_id>& except = {}) const;

  /// The one that lives and has the fewest calls under way, of those that are not known to be much slower than another.
  std::optional<upstream_id> best(time_point now, const std::vector<upstream_id>& except = {}) const;

private:
  struct entry {
    upstream_model model;
    std::size_t live_fetchers = 0;
    bool is_retired = false;
    std::size_t first_position = 0;
  };

  std::size_t find_position(const entry& candidate, time_point now, const std::vector<upstream_id>& except) const;

  std::vector<entry> upstreams_;
};

} // namespace dispatch::policy
