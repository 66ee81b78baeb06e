#define CAF_SUITE run_clock

#include "messages/run_clock.hpp"

#include <caf/test/unit_test.hpp>

using namespace std::chrono_literals;
using dispatch::run_clock;
using dispatch::run_time;

namespace {

const run_clock::time_point start{1h};

} // namespace

CAF_TEST(time that is told again and again was run) {
  run_clock clock{start};
  for (auto time = start; time < start + 1min; time += 250ms) {
    clock.tell(time);
    CAF_CHECK(clock.lost_until(time + 200ms) == 0s);
  }
}

CAF_TEST(time in which nothing was told was not run but for a moment) {
  run_clock clock{start};
  CAF_CHECK(clock.lost_until(start + 2s) == 0s);
  CAF_CHECK(clock.lost_until(start + 100s) == 98s);
}

CAF_TEST(what was lost is the same before and after the time is told) {
  run_clock clock{start};
  const auto before = clock.lost_until(start + 100s);
  clock.tell(start + 100s);
  CAF_CHECK(clock.lost_until(start + 100s) == before);
  CAF_CHECK(clock.lost_until(start + 101s) == before);
}

CAF_TEST(several pauses add up) {
  run_clock clock{start};
  clock.tell(start + 12s);
  clock.tell(start + 13s);
  clock.tell(start + 25s);
  CAF_CHECK(clock.lost_until(start + 26s) == 20s);
}

CAF_TEST(time that was run stands still in a pause and never goes back) {
  const auto clock = std::make_shared<run_clock>(start);
  CAF_CHECK(run_time(clock, start + 1s) == start + 1s);
  CAF_CHECK(run_time(clock, start + 2s) == start + 2s);
  CAF_CHECK(run_time(clock, start + 50s) == start + 2s);
  clock->tell(start + 50s);
  CAF_CHECK(run_time(clock, start + 51s) == start + 3s);
}

CAF_TEST(without a clock that knows all time was run) {
  CAF_CHECK(run_time(nullptr, start + 1h) == start + 1h);
}
