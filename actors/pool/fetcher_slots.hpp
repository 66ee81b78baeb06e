#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "actors/pool/connections.hpp"
#include "actors/pool/core.hpp"
#include "actors/pool/fetcher_slot.hpp"

namespace dispatch::pool {

/// Supervises the fetchers of a pool, each in its slot. A fetcher that quits is followed by another one after a pause;
/// one whose connection has ended in order, or may be lost when another one broke, is followed at once.
class fetcher_slots {
public:
  /// @param on_ready called when a fetcher of the upstream is ready for work, over a new connection
  fetcher_slots(core& pool, connections& open, std::function<void(policy::upstream_id)> on_ready);

  ~fetcher_slots();

  fetcher_slots(const fetcher_slots&) = delete;
  fetcher_slots& operator=(const fetcher_slots&) = delete;

  /// Makes the slots of an upstream and starts a fetcher in each.
  void open(policy::upstream_id upstream);

  /// An upstream is gone for good: its fetchers get no more work, and end when their last calls have.
  void close(policy::upstream_id upstream);

  // -- fetchers

  /// The fetcher of this incarnation; null where it gets no more work.
  fetcher_actor fetcher_of(policy::fetcher_id incarnation) const;

  /// The fetcher of the upstream that is ready and has the fewest calls; null where none is ready.
  fetcher_actor ready_fetcher(policy::upstream_id upstream) const;

  /// Whether the fetcher gets no more work while its last calls go on.
  bool is_leaving(policy::fetcher_id incarnation) const { return leavers_.count(incarnation) > 0; }

  /// A call of a fetcher's has ended well.
  void count_call(policy::fetcher_id incarnation);

  // -- how fetchers come and go

  /// A fetcher that is gone, and what that means for the calls that it had.
  struct departure {
    policy::upstream_id upstream = 0;
    failure reason;
    /// Work that fails of it and is to be answered.
    /// Work that has failed with it and is to be answered.
    std::vector<policy::ticket> failed;
  };

  /// Nothing where it is not a fetcher of this pool.
  std::optional<departure> on_down(const caf::down_msg& msg);

  /// Replaces the idle connections of an upstream that have been quiet: what broke one may have broken them.
  void renew_quiet(policy::upstream_id upstream);

  /// Consumers wait for what only an upstream can say. Where none is up, now or at the next tick, all pauses end.
  void hasten();

  void forget_haste() noexcept { is_hastened_ = false; }

  /// Whether any fetcher is ready, whatever its upstream does.
  bool is_any_ready() const;

  /// Whether any fetcher has not found out yet whether it can be.
  bool is_any_starting() const;

  /// Ends what is stuck or done, and pauses where consumers wait.
  void on_tick();

  /// Adds the fetchers of an upstream to its report, and to the handles of all.
  void report(policy::upstream_id upstream, upstream_report& rows, std::vector<fetcher_actor>& handles) const;

private:
  fetcher_slot* find(policy::fetcher_id incarnation);
  /// Returns its index. The place of a closed slot is used again.
  std::size_t make_slot(policy::upstream_id upstream, std::size_t number);
  void start(std::size_t index);
  void on_healthy(std::size_t index, policy::fetcher_id incarnation, const std::string& peer);
  void on_unhealthy(std::size_t index, policy::fetcher_id incarnation, const caf::error& reason);
  void on_connection_end(std::size_t index, policy::fetcher_id incarnation);
  /// A fetcher that has left its slot gets no more work.
  void let_go(const fetcher_slot::incarnation& leaving, policy::upstream_id upstream);
  /// Starts a fetcher in the place of one that gets no more work.
  void renew(std::size_t index);
  void restart_after(std::size_t index, std::chrono::milliseconds pause);
  void end_pause(std::size_t index, std::uint64_t pause);

  departure on_fetcher_down(std::size_t index, const caf::error& reason);
  /// A fetcher is gone. Returns the work that is to be answered because of that.
  std::vector<policy::ticket> take_from_scheduler(policy::fetcher_id gone, const caf::error& reason);
  /// Plans the restart of a fetcher that has failed, and logs it.
  void plan_restart(std::size_t index, const fetcher_slot::incarnation& failed, const failure& reason);

  void end_stuck();
  void end_idle_leavers();
  void cut_pauses_short();
  fetcher_report report_of(const fetcher_slot& slot) const;
  upstream& upstream_of(const fetcher_slot& slot) const { return pool_.upstreams[slot.upstream()]; }

  core& pool_;
  connections& connections_;
  std::function<void(policy::upstream_id)> on_ready_;
  std::vector<fetcher_slot> slots_;
  struct leaver {
    fetcher_actor fetcher;
    policy::upstream_id upstream;
  };

  /// Fetchers that get no more work while their last calls go on.
  std::map<policy::fetcher_id, leaver> leavers_;
  policy::fetcher_id next_incarnation_ = 1;
  std::uint64_t next_pause_ = 1;
  bool is_hastened_ = false;
  std::mt19937_64 random_;
};

} // namespace dispatch::pool
