#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace dispatch::policy {

/// Whose fault a failed call is.
enum class fault {
  /// The request's own, as the upstream sees it. Another one may see it otherwise.
  request,
  /// The upstream has no such batch. That is an end where the upstream has the dataset, and else as `request`.
  no_such_batch,
  /// The upstream does not have the dataset, or does not give it now.
  dataset,
  /// The upstream's, for this call.
  upstream,
  /// The upstream's, which has not answered in time. It may have too much to do.
  timeout,
  /// The fetcher's, which has failed itself, perhaps of this call.
  fetcher,
  /// The upstream cannot be reached.
  upstream_gone,
  /// Of neither: the upstream's dataset has another fingerprint, and it was not called.
  other_fingerprint,
  /// Of neither: the connection ended in order before the call was answered, or this process stood still while the
  /// deadline of the call passed.
  interrupted,
  /// The upstream has too many calls, and says so. Fewer of them are the cure.
  overload,
};

enum class verdict {
  /// The requester gets the failure.
  answer,
  /// Another fetcher tries.
  retry,
};

/// Whether an upstream has understood a request and refuses it.
constexpr bool is_refusal(fault reason) noexcept {
  return reason == fault::request || reason == fault::no_such_batch || reason == fault::dataset;
}

/// Whether a failed call is an attempt that counts: its batch may be poisoned.
constexpr bool is_counted(fault reason) noexcept {
  return reason == fault::upstream || reason == fault::timeout || reason == fault::fetcher;
}

/// The retry decision where no other upstream may see it otherwise. An upstream that is gone or overloaded is
/// waited for, however often; how long is bounded by the requester's deadline, not by a number of attempts. A batch
/// that fails for another reason may be poisoned: its attempts are counted.
/// @param attempts_failed how many counted calls for it have failed, this one included
constexpr verdict decide(fault reason, int attempts_failed, int max_attempts) noexcept {
  switch (reason) {
  case fault::request:
  case fault::no_such_batch:
  case fault::dataset:
    return verdict::answer;
  case fault::upstream:
  case fault::timeout:
  case fault::fetcher:
    return attempts_failed < max_attempts ? verdict::retry : verdict::answer;
  case fault::upstream_gone:
  case fault::overload:
  case fault::other_fingerprint:
  case fault::interrupted:
    break;
  }
  return verdict::retry;
}

/// How long a batch waits for its next try. The first is at once, because one failure is an accident; what fails again
/// is left alone for a while, so that neither its attempts are over in a moment of trouble nor an upstream is asked in
/// a tight loop.
/// @param failures how many calls for it have failed so far, for whatever reason; at least 1
constexpr std::chrono::milliseconds pause_before_retry(int failures) noexcept {
  constexpr std::chrono::milliseconds first{20};
  constexpr std::chrono::milliseconds longest{1000};
  if (failures <= 1)
    return std::chrono::milliseconds::zero();
  return std::min(first * (1 << std::min(failures - 2, 10)), longest);
}

/// How long batches wait that have failed together, of an overloaded upstream or of a fetcher: longer each time, and
/// they come back apart.
/// @param failures how many calls for it have failed so far, for whatever reason; at least 1
/// @param ticket names the batch; its place between half of the pause and all of it follows from this
constexpr std::chrono::milliseconds pause_apart(int failures, std::uint64_t ticket) noexcept {
  constexpr std::uint64_t golden = 0x9E3779B97F4A7C15;
  const auto pause = pause_before_retry(std::min(failures, 10) + 1);
  const auto place = static_cast<std::int64_t>((ticket * golden) >> 54); // in [0, 1024)
  return pause / 2 + std::chrono::milliseconds{pause.count() / 2 * place / 1024};
}

} // namespace dispatch::policy
