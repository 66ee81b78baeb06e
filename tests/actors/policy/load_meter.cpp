#define CAF_SUITE load_meter

#include "actors/policy/load_meter.hpp"

#include <caf/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <optional>

using namespace std::chrono_literals;
using dispatch::policy::call_outcome;
using dispatch::policy::load_meter;

namespace {

/// A meter whose calls take 10 ms each.
struct fixture {
  load_meter meter{2};
  load_meter::time_point now{1h};

  void begin(int calls) {
    for (; calls > 0; --calls)
      meter.begin(now);
  }

  /// So many calls at a time, in so many rounds. Returns the slice that was closed last.
  std::optional<load_meter::slice> run(int calls, int rounds, call_outcome how = call_outcome::ok) {
    std::optional<load_meter::slice> last;
    for (; rounds > 0; --rounds) {
      const auto began = now;
      begin(calls);
      now += 10ms;
      for (auto i = 0; i < calls; ++i) {
        meter.end(began, now, how);
        if (meter.is_over(false, now))
          last = meter.close(now);
      }
    }
    return last;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(load_meter_tests, fixture)

CAF_TEST(a slice has four batches at least and whole rounds) {
  CAF_CHECK(!run(2, 1));
  const auto closed = run(2, 1);
  CAF_REQUIRE(closed);
  CAF_CHECK(closed->is_steady);
  CAF_CHECK_EQUAL(closed->seen.calls, 2u);
  CAF_CHECK_EQUAL(closed->seen.batches, 4.0);
  CAF_CHECK(closed->seen.rate() > 199.0 && closed->seen.rate() < 201.0);
}

CAF_TEST(while nothing is known one round is enough) {
  begin(2);
  now += 10ms;
  meter.end(now - 10ms, now, call_outcome::ok);
  CAF_CHECK(!meter.is_over(true, now));
  meter.end(now - 10ms, now, call_outcome::ok);
  CAF_CHECK(meter.is_over(true, now));
}

CAF_TEST(a slice in which calls were not under way all the time is not steady) {
  std::optional<load_meter::slice> closed;
  for (auto rounds = 0; rounds < 2; ++rounds) {
    closed = run(2, 1);
    now += 5ms;
  }
  CAF_REQUIRE(closed);
  CAF_CHECK(!closed->is_steady);
}

CAF_TEST(a slice without a batch ends after four times as many failures) {
  CAF_CHECK(!run(2, 7, call_outcome::failed));
  const auto closed = run(2, 1, call_outcome::failed);
  CAF_REQUIRE(closed);
  CAF_CHECK_EQUAL(closed->seen.batches, 0.0);
}

CAF_TEST(two signs of overload show and one does not ) {
  meter.change_limit(16, now);
  begin(4);
  meter.end(now, now, call_outcome::overloaded);
  CAF_CHECK(!meter.shows_overload());
  meter.end(now, now, call_outcome::overloaded);
  CAF_CHECK(!meter.shows_overload());
  meter.end(now, now, call_outcome::overloaded);
  CAF_CHECK(meter.shows_overload());
}

CAF_TEST(calls that began under another limit say nothing about this one) {
  const auto began = now;
  begin(2);
  now += 1ms;
  meter.change_limit(1, now);
  meter.end(began, now, call_outcome::overloaded);
  meter.end(began, now, call_outcome::overloaded);
  CAF_CHECK(!meter.shows_overload());
  const auto closed = run(1, 4);
  CAF_REQUIRE(closed);
  CAF_CHECK_EQUAL(closed->seen.batches, 4.0);
}

CAF_TEST(calls that are under way when the limit is raised count) {
  const auto began = now;
  begin(2);
  meter.raise_limit(4, now);
  begin(2);
  now += 10ms;
  for (auto i = 0; i < 4; ++i)
    meter.end(began, now, call_outcome::ok);
  CAF_REQUIRE(meter.is_over(false, now));
  const auto closed = meter.close(now);
  CAF_CHECK_EQUAL(closed.seen.calls, 4u);
  CAF_CHECK_EQUAL(closed.seen.batches, 4.0);
}

CAF_TEST_FIXTURE_SCOPE_END()
