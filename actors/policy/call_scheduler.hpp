#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "actors/policy/dataset_holders.hpp"
#include "actors/policy/retry.hpp"
#include "actors/policy/upstream_stats.hpp"
#include "actors/policy/work_queue.hpp"

namespace dispatch::policy {

/// Keeps account of a pool's work: what waits, who works on what, and whose turn it is. Work leaves it in exactly one
/// way (`complete`, a `fail` that says `answer`, `withdraw`, `abandon`, `expire`), and no slot of a fetcher is ever
/// lost.
///
/// What one upstream refuses is asked of each other one that may have the dataset (ADR 24).
///
/// Which upstream is worth what is `upstream_stats`'s to say; when a call is a straggler, and what follows from that,
/// is `straggler_rule`'s (ADR 17).
class call_scheduler {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using duration = std::chrono::steady_clock::duration;

  struct options {
    /// For each upstream: how many calls it gets at a time, at first.
    std::vector<std::size_t> limits;
    /// How often work may fail for an upstream's reason.
    int max_attempts = 5;
    /// How long work may be wanted, waiting included; zero: for any time.
    duration timeout = duration::zero();
  };

  struct assignment {
    ticket work;
    fetcher_id fetcher;
  };

  explicit call_scheduler(options opts);

  /// There is one more upstream; its id is how many there were.
  void add_upstream(std::size_t limit) { upstreams_.add(limit); }

  /// An upstream is gone for good: no work waits for it, and its fetchers leave. Their last calls may go on.
  void retire_upstream(upstream_id upstream) { upstreams_.retire(upstream); }

  /// Another upstream takes the place of a retired one that has no calls any more.
  void replace_upstream(upstream_id upstream, std::size_t limit);

  /// A fetcher is ready for work.
  void fetcher_up(fetcher_id fetcher, upstream_id upstream);

  /// A fetcher gets no more work, and what it has goes on. For everything but that it is gone.
  void fetcher_leaves(fetcher_id fetcher);

  /// A fetcher is gone; what it had waits again, before all that is newer. Not counted as an attempt.
  void fetcher_down(fetcher_id fetcher);

  /// A fetcher is gone because it failed itself, perhaps of its work. What it had waits again; all of it is suspect now
  /// and is tried alone, each with a fetcher that has nothing else. It counts as an attempt where it was alone, so work
  /// that only stood beside the culprit never fails of that.
  /// @returns the work that is to be answered, because that was its last attempt; it is gone from the scheduler
  std::optional<ticket> fetcher_crashed(fetcher_id fetcher);

  /// From now on an upstream gets so many calls at a time, besides stragglers; those under way beyond it go on.
  void set_limit(upstream_id upstream, std::size_t limit) { upstreams_.set_limit(upstream, limit); }

  /// New work, which was wanted before it came here perhaps.
  /// @param is_typical whether it is for a batch, and so tells how long other work takes
  ticket add(time_point wanted_since, bool is_typical = true, const std::string& dataset = {});

  /// The oldest work that can start now, on the live fetcher with the fewest calls in flight; an upstream, or else a
  /// fetcher, that has failed the same work is passed over as long as another one lives; and before that, for work that
  /// was begun before, an upstream that is unresponsive. Nothing while all that is live is busy, or too slow for what
  /// waits.
  std::optional<assignment> assign(time_point now);

  /// Before when a piece of work does not start; nothing where it does not wait.
  std::optional<time_point> starts_not_before(ticket work) const;

  /// Work has ended well, and other calls for it go on for nothing. Returns false where it is not (or no longer)
  /// assigned to this fetcher.
  bool complete(ticket work, fetcher_id fetcher, time_point now);

  /// A call has failed. Nothing where the work is not (or no longer) assigned to this fetcher; otherwise whether it
  /// is to be answered, after which it is gone from the scheduler, or it waits for another try, or for another call of
  /// it. Work of another edition than a fetcher's is not given to that fetcher again; it is to be answered when each
  /// upstream has fetchers and all of those have another edition. An upstream that is away may come back with the right
  /// one. What an upstream refuses is not asked of it again; it is to be answered when no other one is left that may
  /// give it.
  std::optional<verdict> fail(ticket work, fetcher_id fetcher, fault reason, time_point now);

  /// Takes out what was refused and has waited long enough for an upstream that is away.
  std::vector<ticket> give_up_refused(time_point now);

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

  /// Finds stragglers and hedges their work (`straggler_rule`). Returns how many were found.
  std::size_t find_stragglers(time_point now);

  /// The live upstream with the fewest calls under way, of those that are not known to be much slower than another.
  /// One that lacks the dataset is passed over.
  std::optional<upstream_id> best_upstream(time_point now, const std::string& dataset = {}) const;

  /// Takes out work that is not assigned. Returns false where it is, or is not there.
  bool withdraw(ticket work);

  /// Takes out what has been wanted for longer than the timeout.
  std::vector<ticket> expire(time_point now);

  /// Takes out work, assigned or not. Calls for it keep their slot until they end; `complete` and `fail` then say that
  /// they are not known.
  void abandon(ticket id) { queue_.forget(id); }

  /// Fetchers that have been busy with one call since `limit` or longer, or, where it is not typical, since
  /// `limit_of_others`.
  std::vector<fetcher_id> stuck_since(time_point limit, time_point limit_of_others) const;

  std::size_t queued() const noexcept { return queue_.queued(); }

  std::size_t in_flight(upstream_id upstream) const { return upstreams_.in_flight(upstream); }

  /// Calls of one fetcher; none where it is not there.
  std::size_t in_flight_of(fetcher_id fetcher) const {
    const auto found = fetchers_.find(fetcher);
    return found != fetchers_.end() ? found->second.calls.size() : 0;
  }

  /// @param fetcher one that is there
  upstream_id upstream_of(fetcher_id fetcher) const { return fetchers_.at(fetcher).upstream; }

  std::size_t live_fetchers(upstream_id upstream) const { return upstreams_.live_fetchers(upstream); }

private:
  struct fetcher {
    upstream_id upstream;
    /// What it works on; forgotten work keeps its slot.
    std::map<ticket, upstream_stats::call> calls;
    bool is_leaving = false;
  };

  /// Ends a call's hold on its fetcher. Returns the work where it is still wanted.
  work_item* release(ticket work, fetcher_id fetcher);
  /// Takes note of a failure of a fetcher's, and says what is to be done about the work.
  verdict decide(work_item& wanted, fault reason, fetcher_id fetcher, time_point now);
  verdict decide_refusal(work_item& wanted, fault reason, upstream_id upstream, time_point now);
  void note_answer(ticket work, fetcher_id fetcher, time_point now);
  /// Whether a fetcher may have one more call.
  bool has_room(const fetcher& candidate) const;
  bool any_room() const;
  /// @param passed_over upstreams that do not get it
  std::optional<fetcher_id> pick(const work_item& wanted, std::size_t position,
                                 const std::vector<upstream_id>& passed_over) const;
  /// Whether an upstream that has not refused it may give it, now or when it is there again.
  bool may_give(upstream_id upstream, const work_item& wanted, time_point now) const;
  bool may_be_had(const work_item& wanted, time_point now) const;
  /// The upstreams that do not get it, since they lack its dataset and another one may have that.
  std::vector<upstream_id> passed_over(const work_item& wanted, time_point now) const;
  /// Has work wait for one more upstream than the one where it is under way, if there is one.
  void hedge(ticket work, time_point now);
  /// Whether it can go to an upstream where it is not under way.
  bool can_go_elsewhere(const work_item& wanted, time_point now) const;
  std::optional<assignment> next_begun(time_point now) const;
  std::optional<assignment> next_fresh(time_point now);
  std::optional<assignment> next_of(const std::set<ticket>& queue, time_point now);
  void start(const assignment& next, time_point now);

  options options_;
  work_queue queue_;
  std::map<fetcher_id, fetcher> fetchers_;
  upstream_stats upstreams_;
  dataset_holders holders_;
};

} // namespace dispatch::policy
