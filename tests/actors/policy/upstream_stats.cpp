#define CAF_SUITE upstream_stats

#include "actors/policy/upstream_stats.hpp"

#include <caf/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "tests/actors/policy/scheduling.hpp"

using namespace std::chrono_literals;
using dispatch::policy::call_outcome;
using dispatch::policy::upstream_id;
using dispatch::policy::upstream_stats;
using dispatch::test::fixed_limits;

namespace {

using dispatch::test::start;

/// Upstreams with a fetcher each that get so many calls at a time, and took so long for their last one.
upstream_stats upstreams_that_took(const std::vector<upstream_stats::duration>& times, std::size_t limit = 4) {
  upstream_stats result{fixed_limits(std::vector<std::size_t>(times.size(), limit))};
  for (upstream_id id = 0; id < times.size(); ++id) {
    result.fetcher_up(id);
    auto& upstream = result.at(id);
    const auto call = upstream.start(start, true);
    upstream.answered(call, start + times[id]);
    upstream.end(call, call_outcome::ok, start + times[id]);
  }
  return result;
}

} // namespace

CAF_TEST(what a slower upstream gets is what the faster one would do in half of its time) {
  // In 50 ms the first does four calls of 10 ms each five times, of which the first four are soonest there.
  for (const auto& [limit, position] : {std::pair<std::size_t, std::size_t>{4, 16}, {8, 32}}) {
    auto stats = upstreams_that_took({10ms, 100ms}, limit);
    stats.find_positions(start + 110ms);
    CAF_CHECK_EQUAL(stats.first_position(0), 0u);
    CAF_CHECK_EQUAL(stats.first_position(1), position);
  }
}

CAF_TEST(an upstream that takes no more than twice as long is as good as another) {
  auto stats = upstreams_that_took({10ms, 20ms, 30ms});
  stats.find_positions(start + 50ms);
  CAF_CHECK_EQUAL(stats.first_position(1), 0u);
  CAF_CHECK(stats.first_position(2) > 0u);
}

CAF_TEST(an upstream that is alone gets everything) {
  auto stats = upstreams_that_took({30s});
  stats.find_positions(start + 30s);
  CAF_CHECK(stats.least_position() == std::optional<std::size_t>{0});
}

CAF_TEST(an upstream without fetchers makes no other one slow) {
  auto stats = upstreams_that_took({10ms, 100ms});
  stats.fetcher_down(0);
  stats.find_positions(start + 110ms);
  CAF_CHECK_EQUAL(stats.first_position(1), 0u);
  CAF_CHECK(stats.best(start + 110ms) == upstream_id{1});
}

CAF_TEST(the least position is of those that live and have room) {
  auto stats = upstreams_that_took({10ms, 100ms}, 1);
  stats.find_positions(start + 110ms);
  CAF_CHECK(stats.least_position() == std::optional<std::size_t>{0});
  stats.at(0).start(start + 110ms, true);
  CAF_CHECK(stats.least_position() == std::optional<std::size_t>{stats.first_position(1)});
  stats.at(1).start(start + 110ms, true);
  CAF_CHECK(!stats.least_position());
}

CAF_TEST(the best has the fewest calls of those that are not much slower) {
  auto stats = upstreams_that_took({10ms, 10ms, 100ms});
  stats.at(0).start(start + 110ms, true);
  CAF_CHECK(stats.best(start + 111ms) == upstream_id{1});
  stats.fetcher_down(1);
  CAF_CHECK(stats.best(start + 111ms) == upstream_id{0});
  CAF_CHECK(!upstream_stats{fixed_limits({4})}.best(start));
}

CAF_TEST(a call is a straggler after ten times what calls take where they are fastest) {
  auto stats = upstreams_that_took({50ms, 400ms});
  CAF_CHECK(stats.allowance(0) == 500ms);
  CAF_CHECK(stats.allowance(1) == 500ms);
  stats.fetcher_down(0);
  CAF_CHECK(stats.allowance(1) == 4s);
}

CAF_TEST(no call is a straggler before a pause that any upstream may make) {
  auto stats = upstreams_that_took({1ms});
  CAF_CHECK(stats.allowance(0) == 200ms);
  upstream_stats unknown{fixed_limits({4})};
  CAF_CHECK(unknown.allowance(0) == 1s);
}

CAF_TEST(another upstream in the place of a retired one begins as a new one) {
  auto stats = upstreams_that_took({50ms, 1ms});
  stats.retire(0);
  CAF_CHECK(stats.is_retired(0));
  CAF_CHECK(!stats.is_retired(1));
  stats.replace(0, {3, 3, 3});
  CAF_CHECK(!stats.is_retired(0));
  CAF_CHECK_EQUAL(stats.live_fetchers(0), 0u);
  stats.add({2, 2, 2});
  CAF_CHECK_EQUAL(stats.size(), 3u);
}

CAF_TEST(it is known which upstreams have fetchers) {
  upstream_stats stats{fixed_limits({4, 4})};
  CAF_CHECK(stats.lives_only_in({}));
  stats.fetcher_up(0);
  CAF_CHECK(stats.lives_only_in({0}));
  stats.fetcher_up(1);
  CAF_CHECK(!stats.lives_only_in({0}));
  CAF_CHECK(stats.lives_only_in({1, 0}));
}
