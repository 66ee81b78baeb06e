#define CAF_SUITE upstream_book

#include "actors/policy/upstream_book.hpp"

#include <caf/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

using namespace std::chrono_literals;
using dispatch::policy::upstream_book;
using dispatch::policy::upstream_id;

namespace {

const upstream_book::time_point start{};

/// Upstreams with a worker each that get so many calls at a time, and took so long for their last one.
upstream_book upstreams_that_took(const std::vector<upstream_book::duration>& times, std::size_t limit = 4) {
  upstream_book result{std::vector<std::size_t>(times.size(), limit)};
  for (upstream_id id = 0; id < times.size(); ++id) {
    result.worker_up(id);
    const auto call = result.start(id, start, true);
    result.answered(id, call, start + times[id]);
    result.end(id, call);
  }
  return result;
}

/// How long a call may take before it is late.
upstream_book::duration late_after(const upstream_book& book, upstream_id id) {
  return start - book.late_since(id, start);
}

} // namespace

CAF_TEST(there is room for as many calls as the limit says and it counts from now on) {
  upstream_book book{{2}};
  const auto first = book.start(0, start, true);
  CAF_CHECK(book.has_room(0));
  book.start(0, start, true);
  CAF_CHECK(!book.has_room(0));
  book.set_limit(0, 1);
  book.end(0, first);
  CAF_CHECK_EQUAL(book.in_flight(0), 1u);
  CAF_CHECK(!book.has_room(0));
  book.set_limit(0, 2);
  CAF_CHECK(book.has_room(0));
}

CAF_TEST(what a slower upstream gets is what the faster one would do in half of its time) {
  // In 50 ms the first does four calls of 10 ms each five times, of which the first four are soonest there.
  auto book = upstreams_that_took({10ms, 100ms});
  book.find_positions(start + 110ms);
  CAF_CHECK_EQUAL(book.first_position(0), 0u);
  CAF_CHECK_EQUAL(book.first_position(1), 16u);
  book.set_limit(0, 8);
  book.find_positions(start + 110ms);
  CAF_CHECK_EQUAL(book.first_position(1), 32u);
}

CAF_TEST(an upstream that takes no more than twice as long is as good as another) {
  auto book = upstreams_that_took({10ms, 20ms, 30ms});
  book.find_positions(start + 50ms);
  CAF_CHECK_EQUAL(book.first_position(1), 0u);
  CAF_CHECK(book.first_position(2) > 0u);
}

CAF_TEST(an upstream that is alone gets everything) {
  auto book = upstreams_that_took({30s});
  book.find_positions(start + 30s);
  CAF_CHECK(book.least_position() == std::optional<std::size_t>{0});
}

CAF_TEST(an upstream without workers makes no other one slow) {
  auto book = upstreams_that_took({10ms, 100ms});
  book.worker_down(0);
  book.find_positions(start + 110ms);
  CAF_CHECK_EQUAL(book.first_position(1), 0u);
  CAF_CHECK(book.best(start + 110ms) == upstream_id{1});
}

CAF_TEST(the least position is of those that live and have room) {
  auto book = upstreams_that_took({10ms, 100ms}, 1);
  book.find_positions(start + 110ms);
  CAF_CHECK(book.least_position() == std::optional<std::size_t>{0});
  book.start(0, start + 110ms, true);
  CAF_CHECK(book.least_position() == std::optional<std::size_t>{book.first_position(1)});
  book.start(1, start + 110ms, true);
  CAF_CHECK(!book.least_position());
}

CAF_TEST(the best has the fewest calls of those that are not much slower) {
  auto book = upstreams_that_took({10ms, 10ms, 100ms});
  book.start(0, start + 110ms, true);
  CAF_CHECK(book.best(start + 111ms) == upstream_id{1});
  book.worker_down(1);
  CAF_CHECK(book.best(start + 111ms) == upstream_id{0});
  CAF_CHECK(!upstream_book{{4}}.best(start));
}

CAF_TEST(a call is late after ten times what calls take where they are fastest) {
  auto book = upstreams_that_took({50ms, 400ms});
  CAF_CHECK(late_after(book, 0) == 500ms);
  CAF_CHECK(late_after(book, 1) == 500ms);
  book.worker_down(0);
  CAF_CHECK(late_after(book, 1) == 4s);
}

CAF_TEST(no call is late before a pause that any upstream may make) {
  auto book = upstreams_that_took({1ms});
  CAF_CHECK(late_after(book, 0) == 200ms);
  upstream_book unknown{{4}};
  CAF_CHECK(late_after(unknown, 0) == 1s);
}

CAF_TEST(what a late call took says nothing about the next one) {
  auto book = upstreams_that_took({50ms});
  auto call = book.start(0, start + 1s, true);
  book.is_late(0, call, start + 2s);
  CAF_CHECK(book.is_silent(0));
  const auto known = late_after(book, 0);
  CAF_CHECK(known == 10s);
  book.answered(0, call, start + 60s);
  CAF_CHECK(late_after(book, 0) == known);
  book.end(0, call);
  CAF_CHECK(!book.is_silent(0));
}

CAF_TEST(late calls leave room for as many others as the limit and for two at least) {
  upstream_book book{{1}};
  book.worker_up(0);
  auto time = start;
  std::vector<upstream_book::call> late;
  while (book.has_room(0) && late.size() < 10) {
    late.push_back(book.start(0, time, false));
    time += 60s;
    book.is_late(0, late.back(), time);
  }
  CAF_CHECK_EQUAL(late.size(), 3u);
  CAF_CHECK(book.is_silent(0));
  book.end(0, late.back());
  CAF_CHECK(book.has_room(0));
}

CAF_TEST(another upstream in the place of a retired one begins as a new one) {
  auto book = upstreams_that_took({50ms, 1ms});
  book.retire(0);
  CAF_CHECK(book.is_retired(0));
  CAF_CHECK(!book.is_retired(1));
  book.replace(0, 3);
  CAF_CHECK(!book.is_retired(0));
  CAF_CHECK_EQUAL(book.live_workers(0), 0u);
  book.add(2);
  CAF_CHECK_EQUAL(book.size(), 3u);
}

CAF_TEST(who lives is known) {
  upstream_book book{{4, 4}};
  CAF_CHECK(book.lives_only_in({}));
  book.worker_up(0);
  CAF_CHECK(book.lives_only_in({0}));
  book.worker_up(1);
  CAF_CHECK(!book.lives_only_in({0}));
  CAF_CHECK(book.lives_only_in({1, 0}));
}
