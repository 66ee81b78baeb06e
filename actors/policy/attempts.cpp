#include "actors/policy/attempts.hpp"

#include <algorithm>

namespace dispatch::policy {

void attempts::end(upstream_id at) {
  const auto found = std::find(under_way_.begin(), under_way_.end(), at);
  if (found != under_way_.end())
    under_way_.erase(found);
}

void attempts::note_failure(fault reason, fetcher_id by, upstream_id at, ticket work, time_point now) {
  if (reason == fault::interrupted)
    return;
  if (reason == fault::other_fingerprint) {
    other_on_.insert(by);
    return;
  }
  ++failures_;
  const auto have_failed_together = reason == fault::overload || reason == fault::fetcher;
  not_before_ = now + (have_failed_together ? pause_apart(failures_, work) : pause_before_retry(failures_));
  if (is_refusal(reason)) {
    refused_at_.insert(at);
    return;
  }
  failed_on_.insert(by);
  if (!is_counted(reason))
    return;
  ++counted_;
  failed_at_.insert(at);
}

void attempts::forget(upstream_id upstream) {
  forgive(upstream);
  failed_at_.erase(upstream);
}

bool attempts::is_fresh() const noexcept {
  return under_way_.empty() && failures_ == 0 && other_on_.empty() && refused_at_.empty();
}

} // namespace dispatch::policy
