#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <vector>

#include "actors/policy/pool_ids.hpp"
#include "actors/policy/retry.hpp"

namespace dispatch::policy {

/// What is known of the attempts at one piece of work: where calls for it are under way, which have failed where, and
/// when the next one may start.
class attempts {
public:
  using time_point = std::chrono::steady_clock::time_point;

  // -- calls under way

  /// A call begins.
  void begin(upstream_id at) { under_way_.push_back(at); }

  /// A call has ended in whatever way.
  void end(upstream_id at);

  /// The upstreams that have a call for it.
  const std::vector<upstream_id>& under_way() const noexcept { return under_way_; }

  // -- how calls have failed

  /// A call has failed.
  /// @param work whose attempts these are; spreads retries of work that has failed together
  void note_failure(fault reason, fetcher_id by, upstream_id at, ticket work, time_point now);

  /// Its dataset is refused since then, as far as is known when the first upstream refuses it.
  void note_refused_since(std::optional<time_point> since) noexcept {
    if (!refused_since_)
      refused_since_ = since;
  }

  /// An upstream may give what it has refused.
  void forgive(upstream_id upstream) { refused_at_.erase(upstream); }

  /// Another upstream has taken the place of this one: what failed or was refused there says nothing any more.
  void forget(upstream_id upstream);

  // -- what follows

  /// Whether no call for it is under way or has failed.
  bool is_fresh() const noexcept;

  /// The next call does not begin earlier.
  time_point not_before() const noexcept { return not_before_; }

  /// How many calls have failed for an upstream's reason, or with their fetcher. Only so many are allowed.
  int counted() const noexcept { return counted_; }

  bool has_failed_on(fetcher_id fetcher) const { return failed_on_.count(fetcher) > 0; }

  /// Whether a call has failed for this upstream's reason.
  bool has_failed_at(upstream_id upstream) const { return failed_at_.count(upstream) > 0; }

  /// Whether the dataset has another fingerprint at the fetcher.
  bool is_other_on(fetcher_id fetcher) const { return other_on_.count(fetcher) > 0; }

  /// Whether it has another one at any fetcher.
  bool is_other_anywhere() const noexcept { return !other_on_.empty(); }

  bool is_refused_at(upstream_id upstream) const { return refused_at_.count(upstream) > 0; }

  /// The upstreams that have refused it.
  const std::set<upstream_id>& refused_at() const noexcept { return refused_at_; }

  std::optional<time_point> refused_since() const noexcept { return refused_since_; }

private:
  std::vector<upstream_id> under_way_;
  /// Those included that are not counted.
  int failures_ = 0;
  int counted_ = 0;
  time_point not_before_{};
  std::set<fetcher_id> failed_on_;
  std::set<upstream_id> failed_at_;
  std::set<fetcher_id> other_on_;
  std::set<upstream_id> refused_at_;
  std::optional<time_point> refused_since_;
};

} // namespace dispatch::policy
