#define CAF_SUITE backoff

#include "actors/policy/backoff.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>
#include <string>

using namespace std::chrono_literals;
using dispatch::policy::backoff;

namespace {

constexpr backoff::options usual{100ms, 5000ms, 10'000ms};

/// As near to 1 as a random number in [0, 1) comes: shows the limit, less one millisecond of rounding.
constexpr double almost_one = 0.999999;

} // namespace

CAF_TEST(the limit doubles from base to cap) {
  backoff subject{usual};
  for (const auto limit : {100ms, 200ms, 400ms, 800ms, 1600ms, 3200ms, 5000ms, 5000ms, 5000ms})
    CAF_CHECK_EQUAL(subject.next(0ms, 0, almost_one).count(), limit.count() - 1);
}

CAF_TEST(the delay is the random share of the limit) {
  for (const auto share : {0.0, 0.25, 0.5}) {
    backoff subject{usual};
    CAF_CHECK_EQUAL(subject.next(0ms, 0, share).count(), static_cast<std::int64_t>(100 * share));
    CAF_CHECK_EQUAL(subject.next(0ms, 0, share).count(), static_cast<std::int64_t>(200 * share));
  }
}

CAF_TEST(a connection that has ended is made anew at once unless it was there for a moment only) {
  using dispatch::policy::pause_before_renewal;
  CAF_CHECK(pause_before_renewal(0ms) == 100ms);
  CAF_CHECK(pause_before_renewal(70ms) == 30ms);
  CAF_CHECK(pause_before_renewal(100ms) == 0ms);
  CAF_CHECK(pause_before_renewal(1h) == 0ms);
}

CAF_TEST(failures are counted) {
  backoff subject{usual};
  CAF_CHECK_EQUAL(subject.failures(), 0);
  subject.next(0ms, 0, 0.5);
  subject.next(0ms, 0, 0.5);
  CAF_CHECK_EQUAL(subject.failures(), 2);
}

CAF_TEST(health for long enough starts over) {
  backoff subject{usual};
  for (auto i = 0; i < 5; ++i)
    subject.next(0ms, 0, 0.5);
  CAF_CHECK_EQUAL(subject.next(10'000ms, 0, almost_one).count(), 99);
  CAF_CHECK_EQUAL(subject.failures(), 1);
}

CAF_TEST(shorter health does not start over) {
  backoff subject{usual};
  subject.next(0ms, 0, 0.5);
  CAF_CHECK_EQUAL(subject.next(9999ms, 0, almost_one).count(), 199);
  CAF_CHECK_EQUAL(subject.failures(), 2);
}

CAF_TEST(the limit stays at the cap for ever) {
  backoff subject{usual};
  for (auto i = 0; i < 100'000; ++i) {
    const auto delay = subject.next(0ms, 0, almost_one);
    if (delay > 5000ms || (i > 10 && delay < 4999ms))
      CAF_FAIL("failure " << i << ": " << delay.count() << " ms");
  }
}

CAF_TEST(a cap below the base wins) {
  backoff subject{{100ms, 30ms, 10'000ms}};
  CAF_CHECK_EQUAL(subject.next(0ms, 0, almost_one).count(), 29);
}

CAF_TEST(every delay is within its bounds and uses them) {
  constexpr std::uint64_t seed = 20;
  std::mt19937_64 random{seed};
  std::uniform_real_distribution<double> uniform{0.0, 1.0};
  for (auto round = 0; round < 500; ++round) {
    const backoff::options options{std::chrono::milliseconds{1 + random() % 1000},
                                   std::chrono::milliseconds{1 + random() % 20'000},
                                   std::chrono::milliseconds{random() % 5000}};
    backoff subject{options};
    auto limit = options.base;
    auto lower_half = 0;
    auto upper_half = 0;
    for (auto i = 0; i < 60; ++i) {
      const std::chrono::milliseconds healthy_for{random() % 6000};
      limit = i == 0 || healthy_for >= options.reset_after ? options.base : std::min(limit * 2, options.cap * 2);
      const auto most = std::min(limit, options.cap);
      const auto delay = subject.next(healthy_for, 0, uniform(random));
      if (delay < 0ms || delay >= most)
        CAF_FAIL("seed " << seed << ", round " << round << ": " << delay.count() << " of " << most.count() << " ms");
      ++(delay < most / 2 ? lower_half : upper_half);
    }
    const auto spread = options.base < 10ms || options.cap < 10ms || (lower_half > 10 && upper_half > 10);
    if (!spread)
      CAF_FAIL("seed " << seed << ", round " << round << ": " << lower_half << " low, " << upper_half << " high");
  }
}

CAF_TEST(so much work that it cannot have been by chance starts again as well) {
  backoff subject{{100ms, 5000ms, 10s, 100}};
  for (auto i = 0; i < 10; ++i)
    subject.next(0ms, 0, 0.5);
  CAF_CHECK_EQUAL(subject.next(0ms, 99, 0.5).count(), 2500);
  CAF_CHECK_EQUAL(subject.next(0ms, 100, 0.5).count(), 50);
}
