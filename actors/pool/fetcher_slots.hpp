#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "actors/policy/backoff.hpp"
#include "actors/policy/call_scheduler.hpp"
#include "actors/policy/quiet_watch.hpp"
#include "actors/pool/core.hpp"

namespace dispatch::pool {

/// Supervises the fetchers of a pool. A slot is the place of one fetcher and outlives the fetchers that fill it, its
/// incarnations. A fetcher that quits is followed by another one after a pause (`policy::backoff`); one whose
/// connection has ended in order, or has been quiet when another one broke, is followed at once.
class fetcher_slots {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// @param on_ready called when a fetcher of the upstream is ready for work, over a new connection
  fetcher_slots(core& pool, std::function<void(policy::upstream_id)> on_ready);

  ~fetcher_slots();

  fetcher_slots(const fetcher_slots&) = delete;
  fetcher_slots& operator=(const fetcher_slots&) = delete;

  /// Makes the slots of an upstream and starts a fetcher in each.
  void open(policy::upstream_id upstream);

  /// An upstream is gone for good: its fetchers get no more work, and end when their last calls have.
  void close(policy::upstream_id upstream);

  // -- what fetchers are asked

  /// The fetcher that works on calls as this fetcher; null where it gets no more work.
  fetcher_actor fetcher_of(policy::fetcher_id incarnation);

  /// A fetcher of the upstream that is ready; null where there is none.
  fetcher_actor ready_fetcher(policy::upstream_id upstream) const;

  /// Whether the fetcher gets no more work while its last calls go on.
  bool is_leaving(policy::fetcher_id incarnation) const { return leavers_.count(incarnation) > 0; }

  /// A call is given to a fetcher.
  void note_asked(policy::fetcher_id incarnation);

  /// A call or a probe has ended with `code`.
  /// @param calls_ended how many of the calls in the scheduler that is
  void note_answer(policy::fetcher_id incarnation, status_code code, std::size_t calls_ended);

  /// A call of a fetcher's has ended well.
  void count_call(policy::fetcher_id incarnation);

  // -- how fetchers come and go

  /// A fetcher that is gone, and what that means for the calls that it had.
  struct departure {
    policy::upstream_id upstream = 0;
    failure reason;
    /// Work that fails of it and is to be answered.
    std::optional<policy::ticket> culprit;
  };

  /// Nothing where it is not a fetcher of this pool.
  std::optional<departure> on_down(const caf::down_msg& msg);

  /// Replaces the idle connections of an upstream that have been quiet: what broke one may have broken them.
  void renew_quiet(policy::upstream_id upstream);

  /// Consumers wait for what only an upstream can say. Where none is up, all are tried at the next tick.
  void hasten() noexcept { is_hastened_ = true; }

  void forget_haste() noexcept { is_hastened_ = false; }

  /// Ends what is stuck, asks what is quiet, and ends pauses where consumers wait.
  void on_tick();

  /// Adds the fetchers of an upstream to its report, and to the handles of all.
  void report(policy::upstream_id upstream, upstream_report& rows, std::vector<fetcher_actor>& handles) const;

private:
  struct slot {
    policy::upstream_id upstream = 0;
    /// Among those of its upstream: where its report stands, and what the log calls it.
    std::size_t number = 0;
    policy::backoff restarts;
    /// Free for another upstream.
    bool is_closed = false;
    fetcher_actor fetcher{};
    policy::fetcher_id incarnation = 0;
    /// Since when the fetcher has been given work; nothing before its first health check.
    std::optional<time_point> healthy_since{};
    /// Whether the fetcher follows one that has failed nothing, and has not passed its health check yet.
    bool renews = false;
    /// When its connection brought answers.
    policy::quiet_watch watch{};
    bool is_probed = false;
    /// Calls that ended well in this incarnation, and in those before.
    std::uint64_t calls = 0;
    std::uint64_t calls_before = 0;
    /// Tells the pause that an empty slot is in from one that was cut short.
    std::uint64_t pause = 0;
    time_point pause_ends{};
    time_point started_at{};
    std::uint64_t restarts_so_far = 0;
    /// What ended the fetcher before.
    std::string last_failure{};
  };

  slot* find(policy::fetcher_id incarnation);
  /// Returns its index. A closed slot is used again.
  std::size_t make_slot(policy::upstream_id upstream, std::size_t number);
  void start(std::size_t index);
  void on_healthy(std::size_t index, policy::fetcher_id incarnation, const std::string& peer);
  void on_unhealthy(std::size_t index, policy::fetcher_id incarnation, const caf::error& reason);
  void on_connection_end(std::size_t index, policy::fetcher_id incarnation);
  /// The fetcher gets no more work.
  void let_go(slot& of);
  /// Starts a fetcher in the place of one that gets no more work.
  void renew(std::size_t index);
  void restart_after(std::size_t index, std::chrono::milliseconds pause);

  departure on_fetcher_down(std::size_t index, const caf::error& reason);
  /// Takes a fetcher that is gone out of the scheduler. Returns the work that is to be answered because of that.
  std::optional<policy::ticket> take_from_scheduler(policy::fetcher_id gone, const caf::error& reason);
  /// Plans the restart of a fetcher that has failed after `healthy_for`, and logs it.
  void plan_restart(std::size_t index, const failure& reason, std::chrono::milliseconds healthy_for);

  void end_stuck();
  void end_idle_leavers();
  /// Asks idle upstreams for a sign of life over each connection that has been quiet.
  void probe_quiet();
  void probe(slot& quiet);
  void on_probed(policy::upstream_id upstream, policy::fetcher_id incarnation, status_code code);
  void cut_pauses_short();
  fetcher_report report_of(const slot& of) const;
  upstream& upstream_of(const slot& of) const { return pool_.upstreams[of.upstream]; }

  core& pool_;
  std::function<void(policy::upstream_id)> on_ready_;
  std::vector<slot> slots_;
  struct leaver {
    fetcher_actor fetcher;
    policy::upstream_id upstream;
  };

  /// Fetchers that get no more work while their last calls go on.
  std::map<policy::fetcher_id, leaver> leavers_;
  policy::fetcher_id next_incarnation_ = 1;
  bool is_hastened_ = false;
  std::mt19937_64 random_;
};

} // namespace dispatch::pool
