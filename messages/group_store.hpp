#pragma once

#include <caf/typed_actor.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "messages/reports.hpp"
#include "messages/status_code.hpp"
#include "messages/type_ids.hpp"
#include "wire/group/group_spec.hpp"
#include "wire/group/group_sync.hpp"
#include "wire/group/group_view.hpp"

namespace dispatch {

/// Asks for a group, which begins with this request where it is not there yet.
struct open_group {
  std::string name;
  group_spec spec;
};

struct opened_group {
  std::string name;
  /// The one of its first member.
  group_spec spec;
  group_progress progress;
};

struct list_groups {};

struct group_list {
  /// In the order of their names.
  std::vector<group_summary> groups;
};

struct show_group {
  std::string name;
};

/// Sets a group to a place of its order. Answered by a `group_progress`.
struct seek_group {
  std::string name;
  std::uint64_t epoch = 0;
  /// In samples.
  std::int64_t position = 0;
};

struct delete_group {
  std::string name;
};

/// Has the batch that has this place of a group's order delivered no more. Answered by a `group_progress`.
struct park_batch {
  std::string name;
  std::uint64_t epoch = 0;
  /// In samples.
  std::int64_t position = 0;
};

/// A session wants the position of this name for itself.
struct take_position {
  std::string name;
  /// For people.
  std::string session;
};

struct taken_position {
  /// Says which session has the name.
  std::int64_t token = 0;
  /// Empty: there is none yet.
  std::string cursor;
};

/// Where a consumer of this name is.
struct keep_position {
  std::string name;
  std::int64_t token = 0;
  std::string cursor;
  /// Whether a client waits until this is kept.
  bool is_awaited = false;
};

/// To itself: what has come until now is done in one transaction.
struct run_store_jobs {};

/// Keeps groups and named positions. What waits in its mailbox is done in one transaction.
///
/// Owner: the service. Lifetime: as long as the service. Errors: UNAVAILABLE where the store cannot be used now, and
/// then it is not known whether the request was carried out; NOT_FOUND for a group that is not there.
using group_store_actor = caf::typed_actor<
  /// The group, as its first member has said it.
  caf::result<opened_group>(open_group),
  /// What a dispatcher has of a group. NOT_FOUND where the group was deleted.
  caf::result<group_synced>(group_sync), caf::result<group_list>(list_groups), caf::result<group_view>(show_group),
  /// OUT_OF_RANGE where the order has no such place.
  caf::result<group_progress>(seek_group), caf::result<void>(delete_group),
  /// OUT_OF_RANGE where no batch has this place, FAILED_PRECONDITION where the batch is not out.
  caf::result<group_progress>(park_batch), caf::result<taken_position>(take_position),
  /// ABORTED where another session has taken the name.
  caf::result<void>(keep_position),
  /// From itself.
  caf::result<void>(run_store_jobs),
  /// Its state is `serving`, or `away`.
  caf::result<actor_report>(get_actor_report)>;

} // namespace dispatch
