#define CAF_SUITE client_room

#include "apps/dispatcher/client_room.hpp"

#include <caf/test/unit_test.hpp>

#include <cstdint>
#include <limits>

using dispatch::config;
using dispatch::room_for_clients;

namespace {

constexpr std::uint64_t descriptors = 10'000;

/// What clients leave of so many descriptors.
std::uint64_t reserve_of(const config& values) {
  return descriptors - room_for_clients(descriptors, values).clients;
}

} // namespace

CAF_TEST(clients leave a reserve to everything else) {
  config values;
  values.fetchers = 2;
  values.upstreams = {"a:1"};
  const auto with_admin = reserve_of(values);
  values.admin = dispatch::no_endpoint;
  const auto for_one = reserve_of(values);
  CAF_CHECK_GREATER(with_admin, for_one);
  values.upstreams = {"a:1", "b:1"};
  const auto for_two = reserve_of(values);
  CAF_CHECK_GREATER(for_two, for_one);
  // Each connection has the same: those of the fetchers, and one for a stream.
  values.fetchers = 5;
  CAF_CHECK_EQUAL(reserve_of(values) - for_two, 2 * (for_two - for_one));
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
  CAF_CHECK_EQUAL(room_for_clients(descriptors, values).refused, reserve_of(values) / 4);
  CAF_CHECK_EQUAL(room_for_clients(64, values).refused, 8u);
  // Somebody can always be told that there is no room.
  CAF_CHECK_EQUAL(room_for_clients(2, values).refused, 1u);
}
