#define CAF_SUITE series_history

#include "actors/policy/series_history.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>

using dispatch::policy::series_history;
using kind = series_history::kind;

namespace {

constexpr std::int64_t minute = 60;

struct fixture {
  /// A level, then an amount.
  series_history subject{{kind::level, kind::amount}};
};

bool is_known(double value) {
  return !std::isnan(value);
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(series_history_tests, fixture)

CAF_TEST(nothing is known at first) {
  const auto seconds = subject.by_second(0, 1000, 5);
  CAF_CHECK_EQUAL(seconds.size(), 5u);
  CAF_CHECK(std::none_of(seconds.begin(), seconds.end(), is_known));
}

CAF_TEST(a second that was not observed is a gap) {
  subject.add(100, {1, 10});
  subject.add(102, {3, 30});
  const auto seconds = subject.by_second(0, 103, 4);
  CAF_CHECK(!is_known(seconds[0]));
  CAF_CHECK_EQUAL(seconds[1], 1.0);
  CAF_CHECK(!is_known(seconds[2]));
  CAF_CHECK_EQUAL(seconds[3], 3.0);
}

CAF_TEST(a minute has the mean of its levels and the sum of its amounts) {
  subject.add(minute, {2, 1});
  subject.add(minute + 1, {4, 2});
  subject.add(minute + 59, {6, 3});
  CAF_CHECK_EQUAL(subject.by_minute(0, 2, 1).front(), 4.0);
  CAF_CHECK_EQUAL(subject.by_minute(1, 2, 1).front(), 6.0);
  CAF_CHECK(!is_known(subject.by_minute(0, 3, 1).front()));
}

CAF_TEST(a second is not counted twice) {
  subject.add(minute, {2, 1});
  subject.add(minute, {8, 5});
  CAF_CHECK_EQUAL(subject.by_second(0, minute + 1, 1).front(), 8.0);
  CAF_CHECK_EQUAL(subject.by_minute(1, 2, 1).front(), 5.0);
}

CAF_TEST(a week is kept by the minute and an hour by the second) {
  constexpr auto week = static_cast<std::int64_t>(series_history::kept_minutes) * minute;
  for (std::int64_t second = 0; second < week + 2 * minute; ++second)
    subject.add(second, {static_cast<double>(second / minute % 1000), 1});
  const auto end = week + 2 * minute;
  const auto seconds = subject.by_second(1, end, series_history::kept_seconds);
  CAF_CHECK(std::all_of(seconds.begin(), seconds.end(), [](double x) { return x == 1.0; }));
  CAF_CHECK(!is_known(subject.by_second(1, end - static_cast<std::int64_t>(series_history::kept_seconds), 1).front()));
  const auto minutes = subject.by_minute(1, end / minute, series_history::kept_minutes);
  CAF_CHECK(std::all_of(minutes.begin(), minutes.end(), [](double x) { return x == 60.0; }));
  CAF_CHECK(!is_known(subject.by_minute(1, 2, 1).front()));
  CAF_CHECK_EQUAL(subject.by_minute(0, 5, 1).front(), 4.0);
}

CAF_TEST(seconds below zero have their places too) {
  subject.add(-1, {1, 1});
  subject.add(-60, {3, 1});
  CAF_CHECK_EQUAL(subject.by_second(0, 0, 1).front(), 1.0);
  CAF_CHECK_EQUAL(subject.by_minute(0, 0, 1).front(), 2.0);
}

CAF_TEST_FIXTURE_SCOPE_END()
