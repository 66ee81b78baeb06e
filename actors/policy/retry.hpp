#pragma once

namespace dispatch::policy {

/// Whose fault a failed call is.
enum class fault {
  /// The request's own: every upstream would answer the same.
  request,
  /// The upstream's, for this call.
  upstream,
  /// The upstream cannot be reached.
  upstream_gone,
};

enum class verdict {
  /// Whoever asked gets the failure.
  answer,
  /// Another fetcher tries.
  retry,
};

/// The retry decision. An upstream that is gone is waited for, however often; how long is bounded by the requester's
/// patience, not by a number of attempts. A batch that fails for another reason may be poisoned: its attempts are
/// counted.
/// @param attempts_failed how many calls for it have failed with `fault::upstream`, this one included
constexpr verdict decide(fault reason, int attempts_failed, int max_attempts) noexcept {
  switch (reason) {
  case fault::request:
    return verdict::answer;
  case fault::upstream:
    return attempts_failed < max_attempts ? verdict::retry : verdict::answer;
  case fault::upstream_gone:
    break;
  }
  return verdict::retry;
}

} // namespace dispatch::policy
