#pragma once

#include <optional>

#include "messages/batch_provider.hpp"
#include "messages/batch_source.hpp"
#include "messages/reports.hpp"

namespace dispatch {

struct check_health {
  /// A batch for which there was no GetBatch before: it is asked for too. Nothing: there is no doubt.
  std::optional<batch_key> doubted;
};

/// A connection that has been quiet is to be tried.
struct probe_connection {};

/// The end of a connection is waited for.
struct await_connection_end {};

/// A stream is to be read over the connection.
struct share_connection {
  std::string dataset;
  /// As in a `batch_key`.
  dispatch::fingerprint fingerprint{};
};

struct fetch_batch {
  batch_key key;
  deadline until = no_deadline;
  /// What the batch has to fit, where that is known.
  batch_layout layout{};
};

/// Fetches from one upstream over a channel of its own, any number of calls at a time.
///
/// Owner: the fetcher pool. Lifetime: until its upstream fails it (it then quits with the `status_code` that ended it,
/// and the pool starts another), until its connection has ended in order and so have the calls over it (it then quits
/// normally), or until the pool ends it. Errors: a failed call is answered with its status; what is
/// unanswered when the fetcher quits is answered by CAF with a broken promise.
using fetcher_actor = caf::typed_actor<
  /// Whether the upstream serves, and the address that answered. An upstream that has no health check counts as
  /// healthy, but not one that is found to have no GetBatch.
  caf::result<std::string>(check_health),
  /// Whether the upstream answers over the connection, whatever it says. Has the patience that makes a lost connection
  /// show.
  caf::result<std::string>(probe_connection),
  /// Answered when new calls cannot be made over the connection any more and none has failed of that: it was closed
  /// while nothing was under way, or the upstream will close it when the calls under way have ended (an HTTP/2 GOAWAY).
  /// From then on requests end with UNAVAILABLE.
  caf::result<void>(await_connection_end),
  /// What the upstream says of a dataset.
  caf::result<dataset_description>(describe_dataset),
  /// One batch. Null where the upstream describes a dataset with another fingerprint: it was not asked for the batch
  /// then.
  caf::result<batch_ptr>(fetch_batch),
  /// The connection, once it is known to lead to a dataset of that fingerprint. Null where that has another one.
  caf::result<batch_source_ptr>(share_connection),
  /// Its state is `idle` or `fetching`.
  caf::result<actor_report>(get_actor_report)>::extend_with<batch_sink>;

} // namespace dispatch
