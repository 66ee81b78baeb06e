#include "apps/dispatcher/descriptor_limit.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <limits>

namespace dispatch {

namespace {

/// For files, for what waits for events, and for those who are refused or lingering.
constexpr std::uint64_t base_reserve = 128;

/// A connection that breaks may not be closed yet when the next is opened; an embedded dataset service has its other
/// end.
constexpr std::uint64_t reserve_for_connection = 4;

} // namespace

std::uint64_t raise_descriptor_limit() {
  ::rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
    return std::numeric_limits<std::uint64_t>::max();
  const auto before = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  return ::setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : before;
}

std::size_t clients_that_fit(std::uint64_t descriptors, const config& values) {
  // Besides the fetchers' connections, each upstream may have one for a stream.
  const auto connections = values.upstreams.size() * (values.fetchers + 1);
  const auto reserve = std::min(base_reserve + reserve_for_connection * connections, descriptors / 2);
  return static_cast<std::size_t>(std::max(descriptors - reserve, std::uint64_t{1}));
}

} // namespace dispatch
