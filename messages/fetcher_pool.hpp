#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "messages/batch_provider.hpp"
#include "messages/batch_stream.hpp"
#include "messages/fetcher.hpp"
#include "messages/reports.hpp"

namespace dispatch {

struct get_pool_report {};

struct pool_report {
  actor_report actor;
  /// Rows of fetchers are as the pool knows them: without a state and a mailbox.
  std::vector<upstream_report> upstreams;
  /// The latest, in the order in which they began; all that go on are among them.
  std::vector<outage_report> outages;
  /// All fetchers in the order of their rows; null where there is none.
  std::vector<fetcher_actor> fetchers;
  /// Requests that no fetcher works on yet.
  std::uint64_t queued = 0;
};

/// No consumer waits for a batch any more.
struct withdraw_fetch {
  batch_key key;
};

/// A consumer waits for what only an upstream can say.
struct hasten_restarts {};

/// An upstream has a new connection, or is gone for good: another process may answer from now on, and may have another
/// dataset.
struct upstreams_changed {};

/// No upstream is up: none could be reached just now, or those that can be do not answer.
struct upstreams_away {};

using upstream_watcher_actor =
  caf::typed_actor<caf::result<void>(upstreams_changed), caf::result<void>(upstreams_away)>;

/// From now on the watcher is told when upstreams change, at once where one is up already; and when they are away, each
/// time that this is found out anew.
struct watch_upstreams {
  upstream_watcher_actor watcher;
};

/// A stream that the pool has opened broke, or brings nothing any more.
struct stream_broke {
  batch_stream_actor stream;
};

/// What an upstream says of a dataset, and what it is elsewhere.
struct described_dataset {
  dataset_description description;
  /// Those that upstreams have, as far as is known: of what they described over their present connections.
  std::vector<fingerprint> fingerprints;
};

struct stream_opened {
  batch_stream_actor stream;
};

/// Whom to ask how the upstreams are.
using pool_report_actor = caf::typed_actor<caf::result<pool_report>(get_pool_report)>;

/// Supervises the fetchers of all upstreams: gives each request to one of them, retries what failed for the upstream's
/// reason, and restarts fetchers that quit. Its one user is the batch cache. Requests start in the order in which they
/// come, and are not joined: the same batch, asked for twice, is fetched twice.
///
/// Owner: the service. Lifetime: as long as the service; without it the service stops. Errors: `status_code` with a
/// message for people; a failure of the upstream is only answered after it was retried.
using fetcher_pool_actor = caf::typed_actor<
  /// What an upstream says of a dataset.
  caf::result<described_dataset>(describe_dataset),
  /// One batch. ABORTED where the dataset has another fingerprint at each upstream.
  caf::result<batch_ptr>(fetch_batch),
  /// Requests for this batch that wait for their turn are answered with CANCELLED; one that a fetcher works on goes on.
  caf::result<void>(withdraw_fetch),
  /// A stream from one of the upstreams that are up, which the requester then owns. UNAVAILABLE if none is; ABORTED
  /// where the upstream describes a dataset with another fingerprint.
  caf::result<stream_opened>(open_stream),
  /// Other connections to the stream's upstream that have been quiet meanwhile are replaced before they get work.
  caf::result<void>(stream_broke),
  /// Where no upstream is up, all are tried now instead of after the pauses that they are in.
  caf::result<void>(hasten_restarts),
  /// There is one watcher.
  caf::result<void>(watch_upstreams),
  /// What happened so far.
  caf::result<pool_report>(get_pool_report)>;

} // namespace dispatch
