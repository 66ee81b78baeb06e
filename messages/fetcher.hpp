#pragma once

#include <optional>

#include "messages/batch_source.hpp"
#include "messages/frame_source.hpp"
#include "messages/reports.hpp"

namespace dispatch {

struct check_health {
  /// A batch for which there was no GetBatch before: it is asked for too. Nothing: there is no doubt.
  std::optional<batch_key> doubted;
};

template <class Inspector>
bool inspect(Inspector& f, check_health& x) {
  return f.object(x).fields(f.field("doubted", x.doubted));
}

/// Fetches from one upstream over a channel of its own, any number of calls at a time, and encodes what comes.
///
/// Owner: the fetcher pool. Lifetime: until its upstream fails it (it then quits with the `status_code` that ended it,
/// and the pool starts another) or the pool ends it. Errors: a failed call is answered with its status; what is
/// unanswered when the fetcher quits is answered by CAF with a broken promise.
using fetcher_actor = caf::typed_actor<
  /// Whether the upstream serves, and the address that answered. An upstream that has no health check counts as
  /// healthy, but not one that is found to have no GetBatch.
  caf::result<std::string>(check_health),
  /// What the upstream says of a dataset.
  caf::result<dataset_description>(describe_dataset),
  /// One batch, fetched and encoded. Null where the upstream describes another edition of the dataset: it was not asked
  /// for the batch then.
  caf::result<frame_ptr>(fetch_frame),
  /// Its state is `idle` or `fetching`.
  caf::result<actor_report>(get_actor_report)>::extend_with<batch_sink>;

} // namespace dispatch
