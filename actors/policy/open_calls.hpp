#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <vector>

#include "actors/policy/pool_ids.hpp"
#include "actors/policy/upstream_stats.hpp"

namespace dispatch::policy {

/// The fetchers that are ready, and the calls that each of them has under way. Keeps the stats of their upstreams.
/// A call holds its place at its upstream until it ends, whether its work is still wanted or not.
class open_calls {
public:
  using time_point = upstream_stats::time_point;
  using duration = upstream_stats::duration;

  struct fetcher {
    upstream_id upstream;
    std::map<ticket, upstream_model::call> calls{};
    /// Whether it gets no more calls.
    bool is_leaving = false;
  };

  /// @param limits for each upstream
  explicit open_calls(const std::vector<upstream_stats::limits>& limits) : upstreams_(limits) {}

  upstream_stats& upstreams() noexcept { return upstreams_; }

  const upstream_stats& upstreams() const noexcept { return upstreams_; }

  // -- fetchers

  /// A fetcher is ready. Returns false where it is known.
  bool add(fetcher_id id, upstream_id upstream);

  /// A fetcher gets no more calls.
  void leave(fetcher_id id);

  /// A fetcher is gone, and its calls have ended with it. Nothing where it is not known.
  std::optional<fetcher> remove(fetcher_id id);

  const std::map<fetcher_id, fetcher>& fetchers() const noexcept { return fetchers_; }

  // -- calls

  /// A call begins. Returns the fetcher's upstream.
  /// @param is_typical whether it tells how long other calls take
  upstream_id begin(ticket work, fetcher_id by, bool is_typical, time_point now);

  /// A call has brought what was asked for, and ends. Returns the fetcher's upstream; nothing where the fetcher does
  /// not have this call (any more).
  std::optional<upstream_id> complete(ticket work, fetcher_id by, time_point now);

  /// A call ends without that. Returns as `complete`.
  /// @param how nothing where that says nothing about how many calls the upstream can take
  std::optional<upstream_id> end(ticket work, fetcher_id by, std::optional<call_outcome> how, time_point now);

  /// Finds calls that have become stragglers. Returns their work.
  std::vector<ticket> find_stragglers(time_point now);

  // -- what follows

  /// Whether a fetcher may have one more call.
  bool has_room(const fetcher& candidate) const;

  /// Whether any fetcher may have one more call.
  bool has_room() const;

  /// The work that a fetcher has calls for; none where it is not known.
  std::vector<ticket> work_of(fetcher_id id) const;

  /// Calls of one fetcher; none where it is not known.
  std::size_t in_flight_of(fetcher_id id) const;

  /// Fetchers that have had one call since `limit` or longer, or, where that is not typical, since `limit_of_others`.
  std::vector<fetcher_id> stuck_since(time_point limit, time_point limit_of_others) const;

private:
  upstream_stats upstreams_;
  std::map<fetcher_id, fetcher> fetchers_;
};

} // namespace dispatch::policy
