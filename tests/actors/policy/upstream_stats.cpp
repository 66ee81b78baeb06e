#define CAF_SUITE upstream_stats

#include "actors/policy/upstream_stats.hpp"

#include <caf/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

using namespace std::chrono_literals;
using dispatch::policy::upstream_id;
using dispatch::policy::upstream_stats;

namespace {

const upstream_stats::time_point start{};

/// Upstreams with a fetcher each that get so many calls at a time, and took so long for their last one.
upstream_stats upstreams_that_took(const std::vector<upstream_stats::duration>& times, std::size_t limit = 4) {
  upstream_stats result{std::vector<std::size_t>(times.size(), limit)};
  for (upstream_id id = 0; id < times.size(); ++id) {
    result.fetcher_up(id);
    const auto call = result.start(id, start, true);
    result.answered(id, call, start + times[id]);
    result.end(id, call);
  }
  return result;
}

} // namespace

CAF_TEST(there is room for as many calls as the limit says and it counts from now on) {
  upstream_stats stats{{2}};
  const auto first = stats.start(0, start, true);
  CAF_CHECK(stats.has_room(0));
  stats.start(0, start, true);
  CAF_CHECK(!stats.has_room(0));
  stats.set_limit(0, 1);
  stats.end(0, first);
  CAF_CHECK_EQUAL(stats.in_flight(0), 1u);
  CAF_CHECK(!stats.has_room(0));
  stats.set_limit(0, 2);
  CAF_CHECK(stats.has_room(0));
}

CAF_TEST(what a slower upstream gets is what the faster one would do in half of its time) {
  // In 50 ms the first does four calls of 10 ms each five times, of which the first four are soonest there.
  auto stats = upstreams_that_took({10ms, 100ms});
  stats.find_positions(start + 110ms);
  CAF_CHECK_EQUAL(stats.first_position(0), 0u);
  CAF_CHECK_EQUAL(stats.first_position(1), 16u);
  stats.set_limit(0, 8);
  stats.find_positions(start + 110ms);
  CAF_CHECK_EQUAL(stats.first_position(1), 32u);
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
  stats.start(0, start + 110ms, true);
  CAF_CHECK(stats.least_position() == std::optional<std::size_t>{stats.first_position(1)});
  stats.start(1, start + 110ms, true);
  CAF_CHECK(!stats.least_position());
}

CAF_TEST(the best has the fewest calls of those that are not much slower) {
  auto stats = upstreams_that_took({10ms, 10ms, 100ms});
  stats.start(0, start + 110ms, true);
  CAF_CHECK(stats.best(start + 111ms) == upstream_id{1});
  stats.fetcher_down(1);
  CAF_CHECK(stats.best(start + 111ms) == upstream_id{0});
  CAF_CHECK(!upstream_stats{{4}}.best(start));
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
  upstream_stats unknown{{4}};
  CAF_CHECK(unknown.allowance(0) == 1s);
}

CAF_TEST(what a straggler took says nothing about the next one) {
  auto stats = upstreams_that_took({50ms});
  auto call = stats.start(0, start + 1s, true);
  stats.note_straggler(0, call, start + 2s);
  CAF_CHECK(stats.is_unresponsive(0));
  const auto known = stats.allowance(0);
  CAF_CHECK(known == 10s);
  stats.answered(0, call, start + 60s);
  CAF_CHECK(stats.allowance(0) == known);
  stats.end(0, call);
  CAF_CHECK(!stats.is_unresponsive(0));
}

CAF_TEST(stragglers leave room for as many others as the limit and for two at least) {
  upstream_stats stats{{1}};
  stats.fetcher_up(0);
  auto time = start;
  std::vector<upstream_stats::call> stragglers;
  while (stats.has_room(0) && stragglers.size() < 10) {
    stragglers.push_back(stats.start(0, time, false));
    time += 60s;
    stats.note_straggler(0, stragglers.back(), time);
  }
  CAF_CHECK_EQUAL(stragglers.size(), 3u);
  CAF_CHECK(stats.is_unresponsive(0));
  stats.end(0, stragglers.back());
  CAF_CHECK(stats.has_room(0));
}

CAF_TEST(another upstream in the place of a retired one begins as a new one) {
  auto stats = upstreams_that_took({50ms, 1ms});
  stats.retire(0);
  CAF_CHECK(stats.is_retired(0));
  CAF_CHECK(!stats.is_retired(1));
  stats.replace(0, 3);
  CAF_CHECK(!stats.is_retired(0));
  CAF_CHECK_EQUAL(stats.live_fetchers(0), 0u);
  stats.add(2);
  CAF_CHECK_EQUAL(stats.size(), 3u);
}

CAF_TEST(it is known which upstreams have fetchers) {
  upstream_stats stats{{4, 4}};
  CAF_CHECK(stats.lives_only_in({}));
  stats.fetcher_up(0);
  CAF_CHECK(stats.lives_only_in({0}));
  stats.fetcher_up(1);
  CAF_CHECK(!stats.lives_only_in({0}));
  CAF_CHECK(stats.lives_only_in({1, 0}));
}
