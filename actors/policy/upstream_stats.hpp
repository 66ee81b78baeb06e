#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

#include "actors/policy/call_estimate.hpp"
#include "actors/policy/pool_ids.hpp"

namespace dispatch::policy {

/// Measures what each upstream has been given, how fast it answers, and what more it is worth being given: one that is
/// slower than others gets only what those would not have done much sooner (ADR 17).
class upstream_stats {
public:
  using time_point = call_estimate::time_point;
  using duration = call_estimate::duration;

  /// One call, from its start to its end.
  struct call {
    time_point since;
    /// Whether it tells how long other calls take.
    bool is_typical = true;
    bool is_straggler = false;
  };

  /// @param limits for each upstream: how many calls it gets at a time, at first
  explicit upstream_stats(const std::vector<std::size_t>& limits);

  std::size_t size() const noexcept { return upstreams_.size(); }

  /// There is one more upstream.
  void add(std::size_t limit) { upstreams_.push_back(account{limit}); }

  /// An upstream is gone for good. Its last calls may go on.
  void retire(upstream_id id) { upstreams_.at(id).is_retired = true; }

  /// Another upstream takes the place of a retired one that has no calls any more.
  void replace(upstream_id id, std::size_t limit) { upstreams_.at(id) = account{limit}; }

  bool is_retired(upstream_id id) const { return upstreams_.at(id).is_retired; }

  /// From now on an upstream gets so many calls at a time, besides stragglers; those under way beyond it go on.
  void set_limit(upstream_id id, std::size_t limit) { upstreams_.at(id).limit = limit; }

  void fetcher_up(upstream_id id) { ++upstreams_.at(id).live_fetchers; }

  void fetcher_down(upstream_id id) { --upstreams_.at(id).live_fetchers; }

  /// A call begins.
  call start(upstream_id id, time_point now, bool is_typical);

  /// A call has brought what was asked for; it has not ended yet.
  void answered(upstream_id id, const call& by, time_point now);

  /// A call has ended in whatever way.
  void end(upstream_id id, const call& ended);

  /// How long a call to this one may take before it is a straggler (`straggler_rule`).
  duration allowance(upstream_id id) const;

  /// A call is a straggler from now on.
  void note_straggler(upstream_id id, call& going_on, time_point now);

  /// Whether one more call may begin.
  bool has_room(upstream_id id) const;

  /// Whether all calls under way, one at least, are stragglers.
  bool is_unresponsive(upstream_id id) const;

  std::size_t in_flight(upstream_id id) const { return upstreams_.at(id).estimate.in_flight(); }

  std::size_t live_fetchers(upstream_id id) const { return upstreams_.at(id).live_fetchers; }

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
  struct account {
    std::size_t limit;
    std::size_t live_fetchers = 0;
    bool is_retired = false;
    std::size_t stragglers = 0;
    call_estimate estimate{};
    std::size_t first_position = 0;

    bool has_room() const noexcept;
  };

  std::size_t find_position(const account& candidate, time_point now, const std::vector<upstream_id>& except) const;

  std::vector<account> upstreams_;
};

} // namespace dispatch::policy
