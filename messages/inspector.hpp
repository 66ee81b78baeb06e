#pragma once

#include <caf/timespan.hpp>
#include <caf/timestamp.hpp>
#include <caf/typed_actor.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "messages/batch_cache.hpp"
#include "messages/group.hpp"
#include "messages/reports.hpp"
#include "messages/session_recorder.hpp"
#include "messages/type_ids.hpp"

namespace dispatch {

/// The whole service at one moment, as far as its parts have answered.
struct service_report {
  caf::timestamp taken_at{};
  caf::timespan uptime{};
  /// Names of parts that did not answer in time; what they know is missing.
  std::vector<std::string> unanswered;
  bool accepting = false;
  bool draining = false;
  totals_report totals;
  std::uint64_t connected = 0;
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;
  std::vector<client_report> clients;
  std::vector<upstream_report> upstreams;
  /// As in a `pool_report`.
  std::vector<outage_report> outages;
  /// Wanted batches that no fetcher works on yet.
  std::uint64_t queued = 0;
  cache_report cache;
  /// Those with members here, in the order of their names.
  std::vector<group_report> groups;
  /// Of the store of groups: `serving`, `away`, or `no_answer`, as while it waits for its database.
  std::string store_state = "no_answer";
  /// All actors, those of the reports above included.
  std::vector<actor_report> actors;
};

/// Whether the parts answer, and whether consumers can be served.
struct health_report {
  std::vector<std::string> unanswered;
  bool accepting = false;
  bool draining = false;
  std::uint32_t upstreams_up = 0;
  std::uint32_t upstreams = 0;
  /// The last failure of each that is not up, as `address: failure`.
  std::vector<std::string> upstream_failures{};
  /// As in a `cache_report`.
  std::string unknown_dataset{};
};

/// What of a whole report says whether consumers can be served.
health_report health_of(const service_report& report);

struct get_service_report {};

struct get_health_report {};

/// Asks for what has happened in the last `span`.
struct get_history {
  std::chrono::seconds span{3600};
};

/// A number over time.
struct series_report {
  std::string name;
  /// The oldest first. Not a number where it is not known.
  std::vector<double> values;
};

/// What has happened, in equal steps of time.
struct history_report {
  std::chrono::seconds step{1};
  /// When the last step has ended.
  caf::timestamp ends_at{};
  /// Of equal length.
  std::vector<series_report> series;
  /// Nothing: whoever knows did not answer in time.
  std::optional<session_history_report> sessions{};
};

/// Asks the parts of the service how they are, for people and programs that watch it. Runs in a thread of its own, and
/// no part holds it up: what has not answered when its deadline is over is reported as such.
///
/// Owner: the service. Lifetime: as long as the service, draining included. Errors: NOT_FOUND where no batch has come
/// yet.
using inspector_actor = caf::typed_actor<
  /// Everything. Requests that come while the parts are being asked, or a moment later, get the same answer.
  caf::result<service_report>(get_service_report),
  /// Does not ask clients and fetchers.
  caf::result<health_report>(get_health_report),
  /// The batch that came last.
  caf::result<latest_batch>(get_latest_batch),
  /// What has happened in the last seconds, hours or days.
  caf::result<history_report>(get_history)>;

} // namespace dispatch
