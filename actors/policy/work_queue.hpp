#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "actors/policy/attempts.hpp"
#include "actors/policy/pool_ids.hpp"

namespace dispatch::policy {

/// A piece of work that is wanted.
struct work_item {
  using time_point = attempts::time_point;

  /// When it is to leave at the latest.
  time_point deadline = time_point::max();
  /// Whether it is for a batch, and so tells how long other work takes.
  bool is_typical = true;
  std::string dataset{};
  /// What has become of it so far.
  attempts tried{};
};

/// All work that is wanted, and which of it waits to start.
class work_queue {
public:
  using time_point = work_item::time_point;
  using duration = std::chrono::steady_clock::duration;

  /// Adds work, which waits.
  ticket add(work_item added);

  /// Null where it is not wanted (any more).
  work_item* find(ticket id);

  const work_item& at(ticket id) const { return all_.at(id); }

  work_item& at(ticket id) { return all_.at(id); }

  const std::map<ticket, work_item>& all() const noexcept { return all_; }

  /// Work waits to start, for the first time or again.
  void enqueue(ticket id);

  /// It does not wait any more.
  void dequeue(ticket id);

  bool is_queued(ticket id) const;

  /// How much waits.
  std::size_t queued() const noexcept { return queued_; }

  /// What waits and has never started, oldest first, by its dataset: upstreams may have one and lack another. There may
  /// be thousands: consumers ask far ahead.
  const std::map<std::string, std::set<ticket>>& fresh() const noexcept { return fresh_; }

  /// What waits again, or is under way and is to be begun on another upstream too, oldest first. It is not much,
  /// because it was under way.
  const std::set<ticket>& begun() const noexcept { return begun_; }

  void forget(ticket id);

  /// What an upstream has refused may be asked of it again; all of it, or what is of one dataset.
  void forgive(upstream_id upstream);
  void forgive(upstream_id upstream, const std::string& dataset);

  /// Another upstream has taken its place: what was failed or refused there says nothing any more.
  void forget_upstream(upstream_id upstream);

  /// Forgets the work whose deadline is over. Returns which that was.
  std::vector<ticket> forget_due(time_point now);

private:
  std::map<ticket, work_item> all_;
  std::map<std::string, std::set<ticket>> fresh_;
  std::set<ticket> begun_;
  std::size_t queued_ = 0;
  ticket next_ = 1;
};

} // namespace dispatch::policy
