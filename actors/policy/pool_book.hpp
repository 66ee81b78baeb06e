#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "actors/policy/retry.hpp"

namespace dispatch::policy {

/// Names one piece of work; lower is older.
using ticket = std::uint64_t;

/// Names one life of a worker; a restarted worker has a new one.
using worker_id = std::uint64_t;

/// Names who wants a piece of work.
using owner_id = std::uint64_t;

/// Index of an upstream.
using upstream_id = std::size_t;

/// Keeps account of a pool's work: what waits, who works on what, and whose turn it is. Work leaves it in exactly one
/// way (`complete`, a `fail` that says `answer`, `withdraw`, `drop_owner`, `expire`), and no slot of a worker is ever
/// lost.
class pool_book {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using duration = std::chrono::steady_clock::duration;

  struct options {
    /// For each upstream: how many calls it gets at a time, at first.
    std::vector<std::size_t> limits;
    /// How often work may fail for an upstream's reason.
    int max_attempts = 5;
    /// How long work may be wanted, waiting included. Zero: for ever.
    duration patience = duration::zero();
  };

  struct assignment {
    ticket work;
    worker_id worker;
  };

  explicit pool_book(options opts);

  /// A worker is ready for work.
  void worker_up(worker_id worker, upstream_id upstream);

  /// A worker is gone; what it had waits again, before all that is newer. Not counted as an attempt.
  void worker_down(worker_id worker);

  /// From now on an upstream gets so many calls at a time; those under way beyond it go on.
  void set_limit(upstream_id upstream, std::size_t limit) { upstreams_.at(upstream).limit = limit; }

  /// New work, which was wanted before it came here perhaps.
  ticket add(owner_id owner, time_point wanted_since);

  /// The oldest work that can start now, on the live worker with the fewest calls in flight; a worker that has failed
  /// the same work is passed over as long as another one lives. Nothing while all that is live is busy.
  std::optional<assignment> assign(time_point now);

  /// Work has ended well. Returns false where it is not (or no longer) assigned to this worker.
  bool complete(ticket work, worker_id worker);

  /// A call has failed. Nothing where the work is not (or no longer) assigned to this worker; otherwise whether its
  /// owner is to be told, after which it is gone from the book, or it waits for another try.
  std::optional<verdict> fail(ticket work, worker_id worker, fault reason);

  /// Takes out work of `owner`'s that is not assigned. Returns false where it is, or is not there.
  bool withdraw(ticket work, owner_id owner);

  /// Nobody is there any more to take the result: forgets the owner's work. Calls under way keep their slot until they
  /// end; `complete` and `fail` then say that they are not known.
  /// @returns what was forgotten
  std::vector<ticket> drop_owner(owner_id owner);

  /// Takes out what has been wanted for longer than the patience lasts.
  std::vector<ticket> expire(time_point now);

  /// Workers that have been busy with one call since `limit` or longer.
  std::vector<worker_id> stuck_since(time_point limit) const;

  std::size_t queued() const noexcept { return queue_.size(); }

  std::size_t in_flight(upstream_id upstream) const { return upstreams_.at(upstream).in_flight; }

  std::size_t live_workers(upstream_id upstream) const { return upstreams_.at(upstream).live_workers; }

private:
  struct job {
    owner_id owner;
    time_point wanted_since;
    int attempts_failed = 0;
    std::set<worker_id> failed_on;
  };

  struct worker {
    upstream_id upstream;
    /// What it works on and since when; forgotten work keeps its slot.
    std::map<ticket, time_point> calls;
  };

  struct upstream {
    std::size_t limit;
    std::size_t in_flight = 0;
    std::size_t live_workers = 0;
  };

  /// Ends a call's hold on its worker. Returns the job where it is still wanted.
  job* release(ticket work, worker_id worker);
  bool has_room(const worker& candidate) const;
  bool any_room() const;
  std::optional<worker_id> pick(const job& wanted) const;
  void forget(ticket work);

  options options_;
  std::map<ticket, job> jobs_;
  /// Waiting work, oldest first: what comes back is older than what never started, and so goes first.
  std::set<ticket> queue_;
  std::map<worker_id, worker> workers_;
  std::vector<upstream> upstreams_;
  ticket next_ticket_ = 1;
};

} // namespace dispatch::policy
