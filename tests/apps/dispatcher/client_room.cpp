#define CAF_SUITE client_room

#include "apps/dispatcher/client_room.hpp"

#include <caf/test/unit_test.hpp>

#include <limits>

using dispatch::config;
using dispatch::room_for_clients;

CAF_TEST(clients leave a reserve to everything else) {
  config values;
  values.fetchers = 2;
  values.upstreams = {"a:1"};
  CAF_CHECK_EQUAL(room_for_clients(10'000, values).clients, 10'000u - 128 - 40 - 4 * 3);
  values.admin = "none";
  CAF_CHECK_EQUAL(room_for_clients(10'000, values).clients, 10'000u - 128 - 4 * 3);
  values.upstreams = {"a:1", "b:1"};
  CAF_CHECK_EQUAL(room_for_clients(10'000, values).clients, 10'000u - 128 - 4 * 6);
}

CAF_TEST(the defaults fit into what a service manager gives) {
  CAF_CHECK(room_for_clients(524'288, {}).clients > config{}.max_clients);
}

CAF_TEST(where there are few descriptors half of them are for clients) {
  CAF_CHECK_EQUAL(room_for_clients(64, {}).clients, 32u);
  CAF_CHECK_EQUAL(room_for_clients(1, {}).clients, 1u);
  CAF_CHECK_EQUAL(room_for_clients(0, {}).clients, 1u);
}

CAF_TEST(no limit is enough for everybody) {
  CAF_CHECK(room_for_clients(std::numeric_limits<std::uint64_t>::max(), {}).clients > 1'000'000'000u);
}

CAF_TEST(those who are refused take a quarter of the reserve at most) {
  config values;
  values.fetchers = 2;
  values.upstreams = {"a:1"};
  CAF_CHECK_EQUAL(room_for_clients(10'000, values).refused, (128u + 40 + 4 * 3) / 4);
  CAF_CHECK_EQUAL(room_for_clients(64, values).refused, 8u);
  // Somebody can always be told that there is no room.
  CAF_CHECK_EQUAL(room_for_clients(2, values).refused, 1u);
}
