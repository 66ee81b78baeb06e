#pragma once

#include <algorithm>
#include <chrono>

namespace dispatch::policy {

/// A description that takes longer is slow: a pass does not wait for it a second time, and batches do not wait for it
/// at a connection where another one is known to lead to their fingerprint.
constexpr std::chrono::milliseconds slow_description{1000};

/// How long a dataset's description is good over the connection that it came over. One that takes long is good for
/// long, so that a service is not busy with describing.
/// @param took how long the service took for it
/// @param least for one that came at once
template <class Duration>
constexpr Duration description_good_for(Duration took, Duration least) noexcept {
  constexpr auto times_as_long = 10;
  return std::max(least, times_as_long * took);
}

} // namespace dispatch::policy
