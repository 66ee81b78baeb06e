#define CAF_SUITE upstream_model

#include "actors/policy/upstream_model.hpp"

#include <caf/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <vector>

using namespace std::chrono_literals;
using dispatch::policy::call_outcome;
using dispatch::policy::upstream_model;

namespace {

const upstream_model::time_point start{1h};

/// An upstream that always gets so many calls at a time.
upstream_model fixed(std::size_t calls) {
  return upstream_model{{calls, calls, calls}};
}

void call(upstream_model& subject, upstream_model::duration time) {
  const auto made = subject.start(start, true);
  subject.answered(made, start + time);
  subject.end(made, call_outcome::ok, start + time);
}

/// Has had calls that took so long.
upstream_model after(std::initializer_list<upstream_model::duration> calls) {
  auto result = fixed(4);
  for (const auto time : calls)
    call(result, time);
  return result;
}

} // namespace

// -- how long a call takes --------------------------------------------------------------------------------------------

CAF_TEST(nothing is expected before the first call) {
  auto subject = fixed(4);
  subject.start(start, true);
  CAF_CHECK(!subject.usual());
  CAF_CHECK(!subject.expected(start + 10s));
}

CAF_TEST(the usual time follows the calls slowly) {
  CAF_CHECK(after({8ms}).usual() == 8ms);
  CAF_CHECK(after({8ms, 16ms}).usual() == 9ms);
  auto subject = after({8ms});
  for (auto i = 0; i < 100; ++i)
    call(subject, 16ms);
  CAF_CHECK(subject.usual() > 15ms);
}

CAF_TEST(an upstream that is much faster at once is believed) {
  CAF_CHECK(after({100ms, 5ms}).usual() == 5ms);
  CAF_CHECK(after({100ms, 50ms}).usual() > 90ms);
}

CAF_TEST(a call for something else says nothing about batches) {
  auto subject = after({5ms});
  const auto other = subject.start(start, false);
  subject.answered(other, start + 10s);
  subject.end(other, call_outcome::ok, start + 10s);
  CAF_CHECK(subject.usual() == 5ms);
}

CAF_TEST(an upstream that brings nothing takes as long as it brings nothing) {
  auto subject = after({5ms});
  const auto first = subject.start(start + 1s, true);
  const auto second = subject.start(start + 1s + 10ms, true);
  CAF_CHECK(subject.expected(start + 1s + 3ms) == 5ms);
  CAF_CHECK(subject.expected(start + 1s + 700ms) == 700ms);
  subject.answered(first, start + 1s + 5ms);
  subject.end(first, call_outcome::ok, start + 1s + 5ms);
  CAF_CHECK(subject.expected(start + 1s + 25ms) == 20ms);
  subject.end(second, call_outcome::failed, start + 2s);
  CAF_CHECK(subject.expected(start + 10s) == 5ms);
}

CAF_TEST(what was not asked for a while may have changed) {
  auto subject = after({5ms});
  const auto made = subject.start(start + 1s, true);
  CAF_CHECK(!subject.is_stale(start + 10s));
  subject.answered(made, start + 10s);
  subject.end(made, call_outcome::ok, start + 10s);
  CAF_CHECK(!subject.is_stale(start + 10'900ms));
  CAF_CHECK(subject.is_stale(start + 11s));
}

// -- stragglers -------------------------------------------------------------------------------------------------------

CAF_TEST(a straggler raises the usual time and its end does not ) {
  auto subject = after({5ms});
  auto made = subject.start(start, true);
  subject.note_straggler(made, start + 200ms);
  CAF_CHECK(subject.usual() == 200ms);
  CAF_CHECK(subject.is_unresponsive());
  subject.answered(made, start + 60s);
  CAF_CHECK(subject.usual() == 200ms);
  subject.end(made, call_outcome::ok, start + 60s);
  CAF_CHECK(!subject.is_unresponsive());
}

CAF_TEST(stragglers leave room for as many others as the limit and for two at least) {
  auto subject = fixed(1);
  std::vector<upstream_model::call> stragglers;
  for (auto time = start; subject.has_room() && stragglers.size() < 10; time += 60s) {
    stragglers.push_back(subject.start(time, false));
    subject.note_straggler(stragglers.back(), time + 60s);
  }
  CAF_CHECK_EQUAL(stragglers.size(), 3u);
  CAF_CHECK(subject.is_unresponsive());
  subject.lose(stragglers.back());
  CAF_CHECK(subject.has_room());
}

// -- how many calls ---------------------------------------------------------------------------------------------------

CAF_TEST(there is room for as many calls as the limit says) {
  auto subject = fixed(2);
  CAF_CHECK(subject.is_idle());
  const auto first = subject.start(start, true);
  CAF_CHECK(subject.has_room());
  subject.start(start, true);
  CAF_CHECK(!subject.has_room());
  subject.lose(first);
  CAF_CHECK_EQUAL(subject.in_flight(), 1u);
  CAF_CHECK(subject.has_room());
}

CAF_TEST(a stream takes the place of a call where more are too many) {
  auto subject = fixed(2);
  CAF_CHECK(subject.has_room_for_stream());
  subject.begin_stream();
  CAF_CHECK(!subject.is_idle());
  CAF_CHECK_EQUAL(subject.calls(), 1u);
  CAF_CHECK(!subject.has_room_for_stream());
  subject.begin_stream();
  CAF_CHECK_EQUAL(subject.calls(), 1u);
  subject.end_stream();
  subject.end_stream();
  CAF_CHECK_EQUAL(subject.calls(), 2u);
  CAF_CHECK(!fixed(1).has_room_for_stream());
}

CAF_TEST(elsewhere a stream takes no place until the upstream says that it has too many) {
  upstream_model subject{{4, 1, 64}};
  subject.begin_stream();
  CAF_CHECK_EQUAL(subject.calls(), 4u);
  subject.note_overload();
  CAF_CHECK_EQUAL(subject.calls(), 3u);
}

CAF_TEST(calls that were too many lower the limit and those that were lost do not ) {
  upstream_model subject{{4, 1, 64}};
  std::vector<upstream_model::call> made;
  for (auto i = 0; i < 4; ++i)
    made.push_back(subject.start(start, true));
  subject.lose(made[0]);
  subject.end(made[1], std::nullopt, start + 1s);
  CAF_CHECK_EQUAL(subject.limit(), 4u);
  subject.end(made[2], call_outcome::overloaded, start + 1s);
  subject.end(made[3], call_outcome::overloaded, start + 1s);
  CAF_CHECK_EQUAL(subject.limit(), 2u);
}
