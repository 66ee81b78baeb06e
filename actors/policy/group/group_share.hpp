#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "actors/policy/group/leased_run.hpp"
#include "wire/group/group_sync.hpp"

namespace dispatch::policy {

/// One dispatcher's part of a group: the runs that it has leased, and which of its members has which batch.
///
/// Batches are handed out in their order, those that have come back first. Where there are fewer than the members want,
/// each is given its part of what is left, and at least one:
///
///     batches at a time = min(wanted, max(1, ready / members))
///
/// The dispatcher asks the store for what its members wait for, and for as much again as it has handed out since the
/// last answer, so that few questions bring many batches.
class group_share {
public:
  using time_point = leased_run::time_point;

  struct options {
    /// Names this run of this dispatcher.
    std::string dispatcher;
    std::chrono::milliseconds lease_ttl{10'000};
    std::chrono::milliseconds ack_wait{30'000};
    std::uint32_t max_deliver = 0;
  };

  /// What a member is given.
  struct handout {
    member_id to = 0;
    std::vector<handed_batch> batches;
  };

  /// A member has given no sign of life on batches for too long.
  struct overdue {
    member_id member = 0;
    std::size_t batches = 0;
  };

  /// A member, for people.
  struct member_report {
    member_id member = 0;
    std::string name;
    std::size_t held = 0;
    /// Since when it has the batch that it has had longest.
    time_point since{};
    group_batch oldest;
    std::uint64_t acked = 0;
  };

  group_share(std::string group, std::int64_t generation, options opts);

  // -- members

  /// @param name for people
  /// @param acks_in_order whether it works on its batches one after the other: of those that it gives back, only the
  /// one that it has had longest was tried, and counts as delivered
  member_id join(std::string name, time_point now, bool acks_in_order = true);

  /// What the member holds can be handed out again.
  /// @param untouched batches that it was not sent
  void leave(member_id who, const std::vector<group_batch>& untouched);

  /// The member could be given so many batches beyond those that it has asked for.
  void want(member_id who, std::size_t count);

  /// The member wants no more.
  /// @param untouched batches that it was handed and not sent
  void stop(member_id who, const std::vector<group_batch>& untouched);

  /// Batches were used; they may be other members' by now.
  /// @returns how many of them were not settled, as far as is known here
  std::size_t ack(member_id who, const std::vector<group_batch>& used);

  /// A sign of life on all that the member holds.
  void note_alive(member_id who, time_point now);

  /// Gives members what they wait for, as far as it is there. Only while it `has_leases`.
  std::vector<handout> hand_out(time_point now);

  /// Takes back what members have held for too long.
  std::vector<overdue> take_back_overdue(time_point now);

  // -- the store

  /// What the store is to be told, and what is asked of it. Answered by `synced` or `not_synced`, one at a time.
  group_sync say();

  /// @param said_at when that was said, by a clock that also runs while this process does not: leases last from then on
  void synced(const group_synced& answer, time_point said_at);

  /// Whether no other dispatcher can have got the leases, by the same clock.
  bool has_leases(time_point at) const noexcept { return at < leases_until_; }

  void not_synced();

  /// Whether the store should be asked soon: members wait, or will before long.
  bool is_short() const noexcept;

  /// Whether the store knows all that was acknowledged and parked.
  bool has_recorded_all() const noexcept;

  /// Whether there is no lease besides.
  bool is_clean() const noexcept { return leases_.empty() && has_recorded_all(); }

  // -- for people

  bool has_waiting_member() const noexcept { return !waiting_.empty(); }
  /// Batches that are out with members.
  std::size_t out() const noexcept { return out_; }
  std::uint64_t redelivered() const noexcept { return redelivered_; }
  std::vector<member_report> member_reports() const;
  /// Those that were parked since this was last asked.
  std::vector<parked_batch> take_parked();

private:
  struct member {
    std::string name;
    time_point alive_at;
    std::size_t wants = 0;
    std::size_t held = 0;
    std::uint64_t acked = 0;
    bool acks_in_order = true;
  };

  /// A batch, and since when its member has had it.
  struct holding {
    group_batch batch;
    time_point since;
  };

  using holdings = std::map<member_id, holding>;

  /// Leases in the order of their batches.
  using lease_key = std::pair<group_run, std::int64_t>;
  using lease_map = std::map<lease_key, leased_run>;

  static lease_key key_of(const leased_run& lease) { return {lease.run(), lease.token()}; }

  void add(const run_lease& lease);
  void drop(lease_map::iterator which);
  lease_map::iterator find(std::int64_t token);
  /// Changes a lease, and keeps what is counted of all leases true.
  template <class Change>
  void change(lease_map::iterator which, Change make);
  /// A batch that is out is ready again, or parked.
  void take_back(leased_run& lease, int bit, leased_run::outcome how);
  /// What is to be said of a batch that its member was sent, and gives back.
  /// @param oldest as `oldest_held` says
  leased_run::outcome outcome_of(member_id who, group_batch batch, const holdings& oldest) const;
  /// The batch that each member has had longest; of those that hold one.
  holdings oldest_held() const;
  void stop_waiting(member_id who);
  /// @returns how many of them were not settled
  std::size_t settle(group_run run, batch_mask batches);
  /// Drops leases that are settled.
  void forget_settled();
  /// Gives up the last `count` batches that are ready.
  void give_up(std::size_t count);
  void say_leases(group_sync& to);
  std::int64_t wanted() const;
  std::string members_of(const leased_run& lease) const;

  std::string group_;
  std::int64_t generation_;
  options options_;
  lease_map leases_;
  /// Those with batches that can be handed out.
  std::set<lease_key> ready_leases_;
  std::size_t ready_ = 0;
  std::size_t out_ = 0;
  std::map<member_id, member> members_;
  member_id next_member_ = 1;
  /// Members that want more, the one that has waited longest first.
  std::deque<member_id> waiting_;
  /// Until when the leases are this dispatcher's, at least.
  time_point leases_until_{};
  /// What the store does not know yet, and what it is being told.
  std::map<group_run, batch_mask> unrecorded_;
  std::map<group_run, batch_mask> recording_;
  std::vector<parked_batch> unrecorded_parked_;
  std::vector<parked_batch> recording_parked_;
  /// Batches of leases that it is told are given up, by their tokens.
  std::map<std::int64_t, batch_mask> returning_;
  /// Parked, and not yet told to people.
  std::vector<parked_batch> newly_parked_;
  /// Batches that were handed out since the store was last asked, and in the time before.
  std::size_t handed_ = 0;
  std::size_t handed_before_ = 0;
  std::uint64_t redelivered_ = 0;
  /// Of them, those that the store knows of, and will know of when it has answered.
  std::uint64_t redelivered_known_ = 0;
  std::uint64_t redelivered_said_ = 0;
  /// Whether a lease may be settled that is still here.
  bool may_forget_ = false;
  /// What the last answer said.
  bool others_are_short_ = false;
  bool was_given_none_ = false;
};

} // namespace dispatch::policy
