#define CAF_SUITE growth

#include "tests/chaos/growth.hpp"

#include <caf/test/unit_test.hpp>

using namespace dispatch::chaos;

namespace {

calm_state usual() {
  calm_state state;
  state.held.rss_bytes = 100 << 20;
  state.held.threads = 10;
  state.held.descriptors = 30;
  state.held.upstream = 4;
  state.actors = 7;
  return state;
}

std::size_t problems_when(void (*change)(calm_state&), bool with_memory = true) {
  auto after = usual();
  change(after);
  return growth_between(usual(), after, with_memory).size();
}

} // namespace

CAF_TEST(nothing has grown where all is as it was or less) {
  CAF_CHECK_EQUAL(problems_when([](calm_state&) {}), 0u);
  CAF_CHECK_EQUAL(problems_when([](calm_state& x) { x = {}; }), 0u);
}

CAF_TEST(one more of what is exact has grown) {
  CAF_CHECK_EQUAL(problems_when([](calm_state& x) { ++x.held.upstream; }), 1u);
  CAF_CHECK_EQUAL(problems_when([](calm_state& x) { ++x.held.clients; }), 1u);
  CAF_CHECK_EQUAL(problems_when([](calm_state& x) { ++x.actors; }), 1u);
}

CAF_TEST(what gRPC keeps and memory have some room) {
  CAF_CHECK_EQUAL(problems_when([](calm_state& x) { x.held.descriptors += 12; }), 0u);
  CAF_CHECK_EQUAL(problems_when([](calm_state& x) { x.held.descriptors += 13; }), 1u);
  CAF_CHECK_EQUAL(problems_when([](calm_state& x) { x.held.rss_bytes += 40 << 20; }), 0u);
  CAF_CHECK_EQUAL(problems_when([](calm_state& x) { x.held.rss_bytes += 45 << 20; }), 1u);
  CAF_CHECK_EQUAL(problems_when([](calm_state& x) { x.held.rss_bytes += 45 << 20; }, false), 0u);
  CAF_CHECK_EQUAL(problems_when([](calm_state& x) { x.held.threads += 4; }), 0u);
  CAF_CHECK_EQUAL(problems_when([](calm_state& x) { x.held.threads += 5; }), 1u);
}
