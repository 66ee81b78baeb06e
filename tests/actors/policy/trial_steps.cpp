#define CAF_SUITE trial_steps

#include "actors/policy/trial_steps.hpp"

#include <caf/test/unit_test.hpp>

#include <cstddef>
#include <vector>

using dispatch::policy::rate_measure;
using dispatch::policy::trial_steps;
using step = trial_steps::step;

namespace {

using numbers = std::vector<std::size_t>;

/// The numbers that are tried, in their order, while every trial fails.
numbers tried_from(trial_steps& steps, std::size_t held) {
  numbers result;
  while (const auto next = steps.unknown(held, held)) {
    result.push_back(next->target);
    steps.reject(next->which);
  }
  return result;
}

/// So many calls have shown this rate.
rate_measure shown(std::size_t calls, double rate) {
  return {calls, 100, 100 / rate};
}

} // namespace

CAF_TEST(four times as many are tried first and each number once) {
  trial_steps steps{1, 64};
  CAF_CHECK_EQUAL(tried_from(steps, 8), (numbers{32, 16, 4, 11, 6}));
  CAF_CHECK_EQUAL(tried_from(steps, 8), numbers{});
}

CAF_TEST(steps that lead to the same number or beyond the bounds lead nowhere) {
  trial_steps from_one{1, 64};
  CAF_CHECK_EQUAL(tried_from(from_one, 1), (numbers{4, 2}));
  trial_steps from_most{1, 64};
  CAF_CHECK_EQUAL(tried_from(from_most, 64), (numbers{32, 45}));
  trial_steps fixed{4, 4};
  CAF_CHECK_EQUAL(tried_from(fixed, 4), numbers{});
}

CAF_TEST(nothing is tried while nothing is known and no rise without demand) {
  const trial_steps steps{1, 64};
  CAF_CHECK(!steps.unknown(0, 8));
  CAF_CHECK(!steps.to(step::twice, 6, 8));
  CAF_CHECK_EQUAL(steps.unknown(6, 8)->target, 3u);
}

CAF_TEST(where a step came from is known and the steps between are not ) {
  trial_steps steps{1, 64};
  steps.accept(step::twice, shown(4, 100), shown(8, 110), 0);
  steps.accept(step::twice, shown(8, 110), shown(16, 120), 0);
  CAF_CHECK_EQUAL(tried_from(steps, 16), (numbers{32, 23, 11}));
}

CAF_TEST(a place that was hardly looked at is not known) {
  trial_steps steps{1, 64};
  steps.accept(step::twice, {1, 2, 1}, shown(2, 2.2), 0);
  steps.accept(step::twice, {2, 2, 1}, shown(4, 2.2), 0);
  CAF_CHECK_EQUAL(tried_from(steps, 4), (numbers{8, 2, 6, 3}));
}

CAF_TEST(a rise that brings nearly all that it can is followed by a long one) {
  trial_steps steps{1, 64};
  steps.accept(step::twice, shown(2, 100), shown(4, 190), 0);
  CAF_CHECK_EQUAL(steps.unknown(4, 4)->target, 16u);
  steps.accept(step::twice, shown(4, 190), shown(16, 300), 0);
  CAF_CHECK_EQUAL(steps.unknown(16, 16)->target, 32u);
}

CAF_TEST(a long rise goes as far as the upstream seems to bear) {
  trial_steps steps{1, 64};
  steps.accept(step::twice, shown(1, 100), shown(4, 390), 50);
  CAF_CHECK_EQUAL(steps.unknown(4, 4)->target, 50u);
  steps.accept(step::twice, shown(4, 390), shown(16, 1500), 1e9);
  CAF_CHECK_EQUAL(steps.unknown(16, 16)->target, 64u);
}

CAF_TEST(fewer calls are not tried where each has brought as much as the first) {
  trial_steps steps{1, 64};
  steps.accept(step::twice, shown(4, 100), shown(64, 1500), 0);
  CAF_CHECK_EQUAL(tried_from(steps, 64), numbers{});
}

CAF_TEST(after a trial that failed rises are short) {
  trial_steps steps{1, 64};
  steps.reject(step::half);
  steps.accept(step::twice, shown(2, 100), shown(4, 190), 0);
  CAF_CHECK_EQUAL(steps.unknown(4, 4)->target, 8u);
}

CAF_TEST(an upstream that has become slower is tried with far fewer calls first) {
  trial_steps steps{1, 64};
  steps.forget_all(true);
  CAF_CHECK(steps.has_fallen());
  CAF_CHECK_EQUAL(steps.unknown(16, 16)->target, 4u);
  steps.forget_fall();
  CAF_CHECK(!steps.has_fallen());
  CAF_CHECK_EQUAL(steps.unknown(16, 16)->target, 32u);
}

CAF_TEST(an overloaded upstream is not tried with more calls) {
  trial_steps steps{1, 64};
  steps.reject_rises();
  CAF_CHECK_EQUAL(tried_from(steps, 8), (numbers{4, 6}));
}

CAF_TEST(known steps come in turn) {
  trial_steps steps{1, 64};
  tried_from(steps, 8);
  numbers targets;
  for (auto i = 0; i < 5; ++i)
    targets.push_back(steps.in_turn(8, 8)->target);
  CAF_CHECK_EQUAL(targets, (numbers{16, 4, 11, 6, 16}));
  CAF_CHECK(!trial_steps(4, 4).in_turn(4, 4));
}
