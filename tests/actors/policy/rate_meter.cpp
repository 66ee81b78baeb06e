#define CAF_SUITE rate_meter

#include "actors/policy/rate_meter.hpp"

#include <caf/test/unit_test.hpp>

#include <cmath>

using dispatch::policy::rate_meter;
using namespace std::chrono_literals;

namespace {

constexpr rate_meter::time_point start{1h};

bool is_about(double value, double expected) {
  return std::abs(value - expected) <= 0.02 * expected;
}

} // namespace

CAF_TEST(nothing has happened at first) {
  const rate_meter subject{start};
  CAF_CHECK_EQUAL(subject.per_second(start), 0.0);
  CAF_CHECK_EQUAL(subject.per_second(start + 1h), 0.0);
}

CAF_TEST(a steady rate is told from the first second on) {
  rate_meter subject{start};
  for (auto time = start + 10ms; time <= start + 30s; time += 10ms) {
    subject.add(time, 5);
    if (time >= start + 1s)
      CAF_REQUIRE(is_about(subject.per_second(time), 500));
  }
}

CAF_TEST(one event at once is not a thousand a second) {
  rate_meter subject{start};
  subject.add(start + 1ms, 1);
  CAF_CHECK(subject.per_second(start + 1ms) < 1.5);
}

CAF_TEST(the rate follows what happens within seconds) {
  rate_meter subject{start};
  auto time = start;
  const auto run = [&](double events, std::chrono::seconds length) {
    for (const auto end = time + length; time < end;) {
      time += 100ms;
      subject.add(time, events);
    }
  };
  run(10, 20s);
  run(1, 12s);
  CAF_CHECK(subject.per_second(time) < 13);
  run(10, 12s);
  CAF_CHECK(subject.per_second(time) > 95);
}

CAF_TEST(the rate sinks to nothing where nothing happens) {
  rate_meter subject{start};
  for (auto time = start; time <= start + 10s; time += 100ms)
    subject.add(time, 1);
  CAF_CHECK(subject.per_second(start + 13s) < 5);
  CAF_CHECK(subject.per_second(start + 40s) < 0.01);
  // Looking changes nothing.
  CAF_CHECK(subject.per_second(start + 10s) > 9);
}
