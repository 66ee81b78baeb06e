#define CAF_SUITE descriptor_limit

#include "io/descriptor_limit.hpp"

#include <caf/test/unit_test.hpp>

#include <sys/resource.h>

CAF_TEST(a process may have as many descriptors as its hard limit says) {
  ::rlimit before{};
  CAF_REQUIRE_EQUAL(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const ::rlimit low{256, before.rlim_max};
  CAF_REQUIRE_EQUAL(::setrlimit(RLIMIT_NOFILE, &low), 0);
  CAF_CHECK_EQUAL(dispatch::io::raise_descriptor_limit(), before.rlim_max);
  ::rlimit after{};
  CAF_REQUIRE_EQUAL(::getrlimit(RLIMIT_NOFILE, &after), 0);
  CAF_CHECK_EQUAL(after.rlim_cur, before.rlim_max);
  ::setrlimit(RLIMIT_NOFILE, &before);
}
