#pragma once

#include <caf/typed_actor.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "messages/reports.hpp"
#include "messages/status_code.hpp"
#include "messages/type_ids.hpp"
#include "wire/group/group_batch.hpp"
#include "wire/group/group_spec.hpp"
#include "wire/group/group_sync.hpp"

namespace dispatch {

/// Batches that a member asked for, in the order in which it is to deliver them.
struct batches_handed {
  std::vector<handed_batch> batches;
};

/// How far the group is. Comes when a member joins, and when an epoch is over.
struct group_moved {
  /// All epochs before it are over.
  std::uint64_t open_epoch = 0;
  /// Whether all are.
  bool is_over = false;
};

/// The group is not what it was: it was set to another place, or deleted.
struct group_closed {
  failure reason;
};

/// What a session of a group hears from it.
using group_member_actor = caf::typed_actor<caf::result<void>(batches_handed), caf::result<void>(group_moved),
                                            /// Nothing comes behind it.
                                            caf::result<void>(group_closed)>;

/// A session becomes a member.
struct join_group {
  group_member_actor member;
  /// For people.
  std::string client;
  /// Whether an acknowledgement says that its client is busy with what comes next: a sign of life on all of it.
  bool acks_in_order = true;
};

/// What a member has done, and wants.
struct member_turn {
  member_id member = 0;
  /// Batches that it has used.
  std::vector<group_batch> used;
  /// How many it could take beyond those that it has asked for.
  std::size_t wants = 0;
  /// Whether the client itself gives a sign of life on all that it holds.
  bool is_alive = false;
};

/// A member takes no more.
struct return_batches {
  member_id member = 0;
  /// Batches that it was handed and that its client was not sent.
  std::vector<group_batch> untouched;
};

struct leave_group {
  member_id member = 0;
  /// Batches that it was handed and that its client was not sent.
  std::vector<group_batch> untouched;
};

/// Asks for an answer when all that this member has acknowledged so far is kept.
struct record_acks {
  member_id member = 0;
};

/// Asks why a member gets no batch.
struct get_group_wait {
  member_id member = 0;
};

struct group_wait {
  /// `group` or `store`.
  std::string on;
  std::string why;
  /// Batches of the group that are out with this member, and elsewhere.
  std::uint64_t own = 0;
  std::uint64_t others = 0;
};

struct get_group_report {};

/// A member of a group on this dispatcher.
struct group_member_report {
  std::string name;
  std::uint64_t held = 0;
  /// For how long it has had the batch that it has had longest, in seconds; and the place of that batch.
  double held_seconds = 0;
  std::uint64_t oldest_epoch = 0;
  std::int64_t oldest_position = 0;
  std::uint64_t acked = 0;
};

/// Batches of a run that members of this dispatcher cannot get.
struct elsewhere_report {
  /// Empty: no dispatcher has them.
  std::string dispatcher;
  std::uint64_t epoch = 0;
  /// Of the first of them, in samples.
  std::int64_t position = 0;
  int batches = 0;
  /// Who has how many, in words for people.
  std::string members;
};

/// A group as this dispatcher sees it.
struct group_report {
  actor_report actor;
  std::string name;
  std::string dataset;
  group_progress progress;
  /// Batches of an epoch.
  std::int64_t batches = 0;
  std::optional<std::uint64_t> epochs;
  std::vector<group_member_report> members;
  std::vector<elsewhere_report> elsewhere;
  /// Batches in a second that members of this dispatcher acknowledge.
  double batches_per_second = 0;
  /// Empty: the store answers.
  std::string store_problem;
};

/// To itself: the store is to be told and asked.
struct sync_due {};

/// One group on this dispatcher: leases batches from the store, gives them to its members, and tells the store what was
/// used.
///
/// Owner: the group directory. Lifetime: while it has members, or something that the store does not know. Errors: none
/// are answered but to `record_acks`. A member that is down has left.
using group_actor =
  caf::typed_actor<caf::result<void>(member_turn), caf::result<void>(return_batches), caf::result<void>(leave_group),
                   /// UNAVAILABLE where the store does not answer.
                   caf::result<void>(record_acks), caf::result<group_wait>(get_group_wait),
                   caf::result<group_report>(get_group_report),
                   /// From itself.
                   caf::result<void>(sync_due),
                   /// The number of the member.
                   caf::result<member_id>(join_group),
                   /// Its state is `serving`, or `store_away`.
                   caf::result<actor_report>(get_actor_report)>;

/// A session wants to be a member of a group, which begins with it where it is not there.
struct find_group {
  std::string name;
  group_spec spec;
  join_group joins;
};

struct joined_group {
  group_actor group;
  member_id member = 0;
  std::int64_t generation = 1;
  group_spec spec;
};

struct get_groups_report {};

struct groups_report {
  actor_report actor;
  std::vector<group_actor> groups;
};

/// Finds the group of a name, or starts it.
///
/// Owner: the service. Lifetime: as long as the service; without it the service stops. Errors: FAILED_PRECONDITION with
/// what differs where the group has another order; those of the store.
using group_directory_actor = caf::typed_actor<caf::result<joined_group>(find_group),
                                               /// Those that have members here.
                                               caf::result<groups_report>(get_groups_report)>;

} // namespace dispatch
