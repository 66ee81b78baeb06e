#include "io/descriptor_limit.hpp"

#include <sys/resource.h>

#include <limits>

namespace dispatch::io {

std::uint64_t raise_descriptor_limit() {
  ::rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
    return std::numeric_limits<std::uint64_t>::max();
  const auto before = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  return ::setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : before;
}

} // namespace dispatch::io
