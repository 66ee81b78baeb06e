#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "actors/policy/dataset_holders.hpp"
#include "actors/policy/open_calls.hpp"
#include "actors/policy/pool_ids.hpp"
#include "actors/policy/retry.hpp"
#include "actors/policy/work_placement.hpp"
#include "actors/policy/work_queue.hpp"

namespace dispatch::policy {

/// Decides which fetcher of a pool makes which call, and what becomes of the work when the call has ended. Work starts
/// in the order in which it was added, and leaves in exactly one way: by `complete`, a `fail` or `fetcher_crashed` that
/// says so, `withdraw`, `abandon`, `expire` or `give_up_refused`.
///
/// The scheduler puts its parts together: what waits (`work_queue`), what has become of each piece of work so far
/// (`attempts`), the calls under way (`open_calls`) and what they tell of the upstreams (`upstream_stats`), which
/// upstream has which dataset (`dataset_holders`), and where work may go (`work_placement`).
class call_scheduler {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using duration = std::chrono::steady_clock::duration;

  struct options {
    /// For each upstream.
    std::vector<upstream_stats::limits> limits;
    /// How often work may fail for an upstream's reason.
    int max_attempts = 5;
  };

  struct assignment {
    ticket work;
    fetcher_id fetcher;
  };

  explicit call_scheduler(options opts);

  // -- upstreams

  /// There is one more upstream; its id is how many there were.
  void add_upstream(const upstream_stats::limits& of) { calls_.upstreams().add(of); }

  /// An upstream is gone for good: no work waits for it. Its last calls may go on.
  void retire_upstream(upstream_id upstream) { calls_.upstreams().retire(upstream); }

  /// Another upstream takes the place of a retired one that has no calls any more.
  void replace_upstream(upstream_id upstream, const upstream_stats::limits& of);

  upstream_model& upstream(upstream_id id) { return calls_.upstreams().at(id); }

  const upstream_model& upstream(upstream_id id) const { return calls_.upstreams().at(id); }

  /// The upstream with the fewest calls under way, of those that have a fetcher, do not lack the dataset and are not
  /// known to be much slower than another.
  std::optional<upstream_id> best_upstream(time_point now, const std::string& dataset = {}) const;

  std::size_t in_flight(upstream_id upstream) const { return calls_.upstreams().at(upstream).in_flight(); }

  std::size_t live_fetchers(upstream_id upstream) const { return calls_.upstreams().live_fetchers(upstream); }

  // -- fetchers

  /// A fetcher is ready for work.
  void fetcher_up(fetcher_id fetcher, upstream_id upstream);

  /// A fetcher gets no more work, and what it has goes on. For everything but that it is gone.
  void fetcher_leaves(fetcher_id fetcher) { calls_.leave(fetcher); }

  /// A fetcher is gone; what it had waits again, before all that is newer. Not counted as an attempt. Hedged work whose
  /// other call goes on is hedged again.
  void fetcher_down(fetcher_id fetcher, time_point now);

  /// A fetcher is gone because it failed itself, perhaps of its work. That is a failed attempt of all that it had
  /// (ADR 18).
  /// @returns the work that is to be answered, because that was its last attempt; it has left
  std::vector<ticket> fetcher_crashed(fetcher_id fetcher, time_point now);

  /// Fetchers that have had one call since `limit` or longer, or, where that is not typical, since `limit_of_others`.
  std::vector<fetcher_id> stuck_since(time_point limit, time_point limit_of_others) const {
    return calls_.stuck_since(limit, limit_of_others);
  }

  /// Calls of one fetcher; none where it is not there.
  std::size_t in_flight_of(fetcher_id fetcher) const { return calls_.in_flight_of(fetcher); }

  /// @param fetcher one that is there
  upstream_id upstream_of(fetcher_id fetcher) const { return calls_.fetchers().at(fetcher).upstream; }

  // -- work and its calls

  /// New work.
  /// @param deadline when it is to leave at the latest, done or not
  /// @param is_typical whether it is for a batch, and so tells how long other work takes
  ticket add(time_point deadline = time_point::max(), bool is_typical = true, const std::string& dataset = {});

  /// The oldest work that can start now, and the fetcher that gets it (`work_placement::pick`). Nothing while all
  /// fetchers are busy, or too slow for what waits.
  std::optional<assignment> assign(time_point now);

  /// Before when a piece of work does not start; nothing where it does not wait.
  std::optional<time_point> starts_not_before(ticket work) const;

  /// Finds stragglers and hedges their work (`straggler_rule`). Returns how many were found.
  std::size_t find_stragglers(time_point now);

  /// Work has ended well, and other calls for it go on for nothing. Returns false where it is not (or no longer)
  /// assigned to this fetcher.
  bool complete(ticket work, fetcher_id fetcher, time_point now);

  /// A call has failed. Nothing where the work is not (or no longer) assigned to this fetcher; otherwise whether it is
  /// to be answered and has left, or waits for another try, or for another call that is under way.
  ///
  /// Work for another fingerprint than a fetcher's dataset has is not given to that fetcher again; it is to be answered
  /// when each upstream has fetchers and all of those have another one. An upstream that is away may come back with the
  /// right one. What an upstream refuses is not asked of it again; it is to be answered when no other one is left that
  /// may give it.
  std::optional<verdict> fail(ticket work, fetcher_id fetcher, fault reason, time_point now);

  /// Takes out work that is not assigned. Returns false where it is, or is not there.
  bool withdraw(ticket work);

  /// Takes out work, assigned or not. Calls for it keep their place until they end; `complete` and `fail` then say that
  /// they are not known.
  void abandon(ticket work) { queue_.forget(work); }

  /// Takes out the work whose deadline is over.
  std::vector<ticket> expire(time_point now) { return queue_.forget_due(now); }

  /// Takes out what was refused and has waited long enough for an upstream that is away.
  std::vector<ticket> give_up_refused(time_point now);

  std::size_t queued() const noexcept { return queue_.queued(); }

  // -- which upstream has which dataset

  /// An upstream has described a dataset.
  void note_described(upstream_id upstream, const std::string& dataset) { holders_.described(upstream, dataset); }

  /// An upstream has refused a dataset in another way than by a call for work.
  void note_refused(upstream_id upstream, const std::string& dataset, time_point now) {
    holders_.refused(upstream, dataset, now);
  }

  /// An upstream that refused a dataset may have it now: it is given work of that dataset again.
  void note_may_have(upstream_id upstream, const std::string& dataset);

  /// Whether an upstream gets no work of a dataset because it has refused that and another one may have it.
  bool is_passed_over(upstream_id upstream, const std::string& dataset, time_point now) const;

  /// An upstream to ask whether it has the dataset now, since it is passed over for work that waits.
  struct question {
    upstream_id upstream;
    std::string dataset;
  };

  /// What it is time to ask.
  std::vector<question> find_questions(time_point now);

private:
  work_placement placement_at(time_point now) const { return {calls_, holders_, now}; }
  /// What a fetcher had waits again.
  void put_back(const open_calls::fetcher& gone, time_point now);
  std::optional<assignment> next_begun(time_point now) const;
  std::optional<assignment> next_fresh(time_point now);
  std::optional<assignment> next_of(const std::set<ticket>& queue, time_point now);
  void start(const assignment& next, time_point now);
  /// Has work wait for one more upstream than the one where it is under way, if there is one.
  void hedge(ticket work, time_point now);
  verdict decide(const work_item& wanted, fault reason, time_point now) const;
  verdict retry_or_take_out(ticket work, verdict decided, time_point now);

  options options_;
  work_queue queue_;
  open_calls calls_;
  dataset_holders holders_;
};

} // namespace dispatch::policy
