#define CAF_SUITE trial_plan

#include "actors/policy/trial_plan.hpp"

#include <caf/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <vector>

using namespace std::chrono_literals;
using dispatch::policy::rate_measure;
using dispatch::policy::trial_plan;

namespace {

using numbers = std::vector<std::size_t>;

const trial_plan::time_point start{1h};

/// The numbers that are tried, in their order, while every trial fails.
numbers tried_from(trial_plan& plan, std::size_t held) {
  numbers result;
  while (const auto next = plan.unknown(held, held)) {
    result.push_back(next->target);
    plan.reject(next->is_rise, 1, start);
  }
  return result;
}

/// So many calls have shown this rate.
rate_measure shown(std::size_t calls, double rate) {
  return {calls, 100, 100 / rate};
}

void rise(trial_plan& plan, const rate_measure& from, const rate_measure& to, double bears = 0) {
  plan.accept(true, from, to, bears, start);
}

/// Slices that have to pass until something is tried, where time does not count.
int slices_of(trial_plan plan) {
  auto passed = 0;
  for (; !plan.next(8, 8, start + 1h) && passed < 1000; ++passed)
    plan.pass_slice();
  return passed;
}

/// The time that has to pass, in steps of 50 ms, where slices do not count.
trial_plan::duration pause_of(trial_plan plan) {
  for (auto slices = 0; slices < 1000; ++slices)
    plan.pass_slice();
  auto pause = 0ms;
  while (!plan.next(8, 8, start + pause))
    pause += 50ms;
  return pause;
}

/// Both directions are known.
trial_plan settled() {
  trial_plan result{1, 64};
  tried_from(result, 8);
  return result;
}

} // namespace

CAF_TEST(four times as many are tried first and then each neighbour once) {
  trial_plan plan{1, 64};
  CAF_CHECK_EQUAL(tried_from(plan, 8), (numbers{32, 16, 4}));
  CAF_CHECK_EQUAL(tried_from(plan, 8), numbers{});
}

CAF_TEST(no trial is beyond the bounds) {
  trial_plan from_one{1, 64};
  CAF_CHECK_EQUAL(tried_from(from_one, 1), (numbers{4, 2}));
  trial_plan from_most{1, 64};
  CAF_CHECK_EQUAL(tried_from(from_most, 64), (numbers{32}));
  trial_plan fixed{4, 4};
  CAF_CHECK_EQUAL(tried_from(fixed, 4), numbers{});
  CAF_CHECK(!fixed.next(4, 4, start));
}

CAF_TEST(nothing is tried while nothing is known and no rise without demand) {
  const trial_plan plan{1, 64};
  CAF_CHECK(!plan.unknown(0, 8));
  CAF_CHECK_EQUAL(plan.unknown(6, 8)->target, 3u);
}

CAF_TEST(where a rise came from is known) {
  trial_plan plan{1, 64};
  rise(plan, shown(4, 100), shown(8, 110));
  rise(plan, shown(8, 110), shown(16, 120));
  CAF_CHECK_EQUAL(tried_from(plan, 16), (numbers{32}));
}

CAF_TEST(a place that was hardly looked at is not known) {
  trial_plan plan{1, 64};
  rise(plan, {1, 2, 1}, shown(2, 2.2));
  rise(plan, {2, 2, 1}, shown(4, 2.2));
  CAF_CHECK_EQUAL(tried_from(plan, 4), (numbers{8, 2}));
}

CAF_TEST(a rise that brings nearly all that it can is followed by a long one) {
  trial_plan plan{1, 64};
  rise(plan, shown(2, 100), shown(4, 190));
  CAF_CHECK_EQUAL(plan.unknown(4, 4)->target, 16u);
  rise(plan, shown(4, 190), shown(16, 300));
  CAF_CHECK_EQUAL(plan.unknown(16, 16)->target, 32u);
}

CAF_TEST(a long rise goes as far as the upstream seems to bear) {
  trial_plan plan{1, 64};
  rise(plan, shown(1, 100), shown(4, 390), 50);
  CAF_CHECK_EQUAL(plan.unknown(4, 4)->target, 50u);
  rise(plan, shown(4, 390), shown(16, 1500), 1e9);
  CAF_CHECK_EQUAL(plan.unknown(16, 16)->target, 64u);
}

CAF_TEST(fewer calls are not tried where each has brought as much as the first) {
  trial_plan plan{1, 64};
  rise(plan, shown(4, 100), shown(64, 1500));
  CAF_CHECK_EQUAL(tried_from(plan, 64), numbers{});
}

CAF_TEST(after a trial that failed rises are short) {
  trial_plan plan{1, 64};
  plan.reject(false, 1, start);
  rise(plan, shown(2, 100), shown(4, 190));
  CAF_CHECK_EQUAL(plan.unknown(4, 4)->target, 8u);
}

CAF_TEST(an upstream that has become slower is tried with far fewer calls first) {
  auto plan = settled();
  plan.forget(true);
  CAF_CHECK(plan.has_fallen());
  CAF_CHECK_EQUAL(tried_from(plan, 16), (numbers{4, 32}));
  // When it is looked at again, that is long ago.
  for (auto i = 0; i < 16; ++i)
    plan.pass_slice();
  CAF_CHECK_EQUAL(plan.next(16, 16, start + 1h)->target, 32u);
  CAF_CHECK(!plan.has_fallen());
}

CAF_TEST(an overloaded upstream is not tried with more calls) {
  trial_plan plan{1, 64};
  plan.reject_rises();
  CAF_CHECK_EQUAL(tried_from(plan, 8), (numbers{4}));
}

CAF_TEST(known directions come in turn) {
  auto plan = settled();
  numbers targets;
  for (auto i = 0; i < 4; ++i) {
    for (auto slices = 0; slices < 128; ++slices)
      plan.pass_slice();
    targets.push_back(plan.next(8, 8, start + 1h)->target);
  }
  CAF_CHECK_EQUAL(targets, (numbers{16, 4, 16, 4}));
}

CAF_TEST(a rise that there was no demand for is tried again soon) {
  auto plan = settled();
  CAF_CHECK_EQUAL(slices_of(plan), 16);
  plan.note_demand(true);
  CAF_CHECK_EQUAL(slices_of(plan), 4);
  plan.note_demand(false);
  CAF_CHECK_EQUAL(slices_of(plan), 16);
}

CAF_TEST(a failure that took long is left alone for longer but not for ever) {
  auto plan = settled();
  plan.reject(true, 3, start);
  CAF_CHECK_EQUAL(slices_of(plan), 48);
  plan.reject(true, 100, start);
  CAF_CHECK_EQUAL(slices_of(plan), 128);
}

CAF_TEST(pauses double up to a second and are short again after a change) {
  auto plan = settled();
  for (const auto pause : {50ms, 100ms, 200ms, 400ms, 800ms, 1000ms, 1000ms}) {
    CAF_CHECK(pause_of(plan) == pause);
    for (auto slices = 0; slices < 128; ++slices)
      plan.pass_slice();
    plan.next(8, 8, start + 1h);
    plan.reject(true, 1, start);
  }
  plan.forget(false);
  tried_from(plan, 8);
  CAF_CHECK(pause_of(plan) == 50ms);
}
