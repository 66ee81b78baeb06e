#define CAF_SUITE trial_wait

#include "actors/policy/trial_wait.hpp"

#include <caf/test/unit_test.hpp>

#include <chrono>

using namespace std::chrono_literals;
using dispatch::policy::trial_wait;

namespace {

const trial_wait::time_point start{1h};

/// Slices that have to pass when time does not count.
int slices_of(trial_wait wait) {
  while (!wait.is_over(start + 1h) && wait.passed() < 1000)
    wait.pass_slice();
  return wait.passed();
}

/// The time that has to pass when slices do not count, in steps of 50 ms.
trial_wait::duration pause_of(trial_wait wait) {
  for (auto slices = 0; slices < 1000; ++slices)
    wait.pass_slice();
  auto pause = 0ms;
  while (!wait.is_over(start + pause))
    pause += 50ms;
  return pause;
}

} // namespace

CAF_TEST(a success is left alone for sixteen slices and fifty milliseconds) {
  trial_wait wait;
  wait.begin_after_success(start);
  CAF_CHECK_EQUAL(slices_of(wait), 16);
  CAF_CHECK(pause_of(wait) == 50ms);
}

CAF_TEST(a failure that took long is left alone for longer but not for ever) {
  trial_wait wait;
  wait.begin_after_failure(3, start);
  CAF_CHECK_EQUAL(slices_of(wait), 48);
  wait.begin_after_failure(100, start);
  CAF_CHECK_EQUAL(slices_of(wait), 128);
}

CAF_TEST(pauses double up to a second and are short again after a success or a change) {
  trial_wait wait;
  for (const auto pause : {100ms, 200ms, 400ms, 800ms, 1000ms, 1000ms}) {
    wait.lengthen();
    wait.begin_after_failure(1, start);
    CAF_CHECK(pause_of(wait) == pause);
  }
  wait.shorten();
  wait.begin_after_failure(1, start);
  CAF_CHECK(pause_of(wait) == 50ms);
  wait.lengthen();
  wait.begin_after_success(start);
  CAF_CHECK(pause_of(wait) == 50ms);
}

CAF_TEST(slices count anew and the pause goes on) {
  trial_wait wait;
  wait.begin_after_success(start);
  wait.pass_slice();
  wait.begin_anew();
  CAF_CHECK_EQUAL(wait.passed(), 0);
  CAF_CHECK_EQUAL(slices_of(wait), 16);
}
