#define CAF_SUITE descriptor_limit

#include "apps/dispatcher/descriptor_limit.hpp"

#include <caf/test/unit_test.hpp>

#include <sys/resource.h>

#include <limits>

using dispatch::clients_that_fit;
using dispatch::config;

CAF_TEST(a process may have as many descriptors as its hard limit says) {
  ::rlimit before{};
  CAF_REQUIRE_EQUAL(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const ::rlimit low{256, before.rlim_max};
  CAF_REQUIRE_EQUAL(::setrlimit(RLIMIT_NOFILE, &low), 0);
  CAF_CHECK_EQUAL(dispatch::raise_descriptor_limit(), before.rlim_max);
  ::rlimit after{};
  CAF_REQUIRE_EQUAL(::getrlimit(RLIMIT_NOFILE, &after), 0);
  CAF_CHECK_EQUAL(after.rlim_cur, before.rlim_max);
  ::setrlimit(RLIMIT_NOFILE, &before);
}

CAF_TEST(clients leave a reserve to everything else) {
  config values;
  values.fetchers = 2;
  values.upstreams = {"a:1"};
  CAF_CHECK_EQUAL(clients_that_fit(10'000, values), 10'000u - 128 - 4 * 3);
  values.upstreams = {"a:1", "b:1"};
  CAF_CHECK_EQUAL(clients_that_fit(10'000, values), 10'000u - 128 - 4 * 6);
}

CAF_TEST(the defaults fit into what a service manager gives) {
  CAF_CHECK(clients_that_fit(524'288, {}) > config{}.max_clients);
}

CAF_TEST(where there are few descriptors half of them are for clients) {
  CAF_CHECK_EQUAL(clients_that_fit(64, {}), 32u);
  CAF_CHECK_EQUAL(clients_that_fit(1, {}), 1u);
  CAF_CHECK_EQUAL(clients_that_fit(0, {}), 1u);
}

CAF_TEST(no limit is enough for everybody) {
  CAF_CHECK(clients_that_fit(std::numeric_limits<std::uint64_t>::max(), {}) > 1'000'000'000u);
}
