#define CAF_SUITE straggler_rule

#include "actors/policy/straggler_rule.hpp"

#include <caf/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <optional>

using namespace std::chrono_literals;
using rule = dispatch::policy::straggler_rule;

CAF_TEST(a call may take ten times as long as usual and as long as any upstream may pause) {
  CAF_CHECK(rule::allowed(50ms) == 500ms);
  CAF_CHECK(rule::allowed(20ms) == 200ms);
  CAF_CHECK(rule::allowed(1ms) == 200ms);
  CAF_CHECK(rule::allowed(std::nullopt) == 1s);
}

CAF_TEST(stragglers leave room for as many other calls as the limit and for two at least) {
  constexpr auto most_in_flight = [](std::size_t limit) {
    std::size_t in_flight = 0;
    while (rule::has_room(in_flight, in_flight, limit))
      ++in_flight;
    return in_flight;
  };
  static_assert(rule::has_room(3, 0, 4) && !rule::has_room(4, 0, 4) && rule::has_room(4, 1, 4));
  CAF_CHECK_EQUAL(most_in_flight(1), 3u);
  CAF_CHECK_EQUAL(most_in_flight(2), 4u);
  CAF_CHECK_EQUAL(most_in_flight(64), 128u);
}

CAF_TEST(an upstream is unresponsive while all that it has are stragglers) {
  CAF_CHECK(!rule::is_unresponsive(0, 0));
  CAF_CHECK(!rule::is_unresponsive(2, 1));
  CAF_CHECK(rule::is_unresponsive(2, 2));
}

CAF_TEST(work has two calls at most) {
  CAF_CHECK(!rule::may_hedge(0));
  CAF_CHECK(rule::may_hedge(1));
  CAF_CHECK(!rule::may_hedge(2));
}
