#define CAF_SUITE session_minutes

#include "actors/policy/session_minutes.hpp"

#include <caf/test/unit_test.hpp>

#include <cmath>

using dispatch::policy::session_minutes;

CAF_TEST(a rate is of the time in which it was there) {
  session_minutes subject;
  subject.add(10, 30, 1, 0);
  subject.add(10, 10, 1, 1);
  subject.add(12, 5, 10, 2);
  const auto rates = subject.rates(13, 4);
  CAF_REQUIRE_EQUAL(rates.size(), 4u);
  CAF_CHECK(std::isnan(rates[0]));
  CAF_CHECK_EQUAL(rates[1], 20.0);
  CAF_CHECK(std::isnan(rates[2]));
  CAF_CHECK_EQUAL(rates[3], 0.5);
  const auto epochs = subject.epochs(13, 3);
  CAF_CHECK_EQUAL(epochs[0], 1.0);
  CAF_CHECK(std::isnan(epochs[1]));
  CAF_CHECK_EQUAL(epochs[2], 2.0);
}

CAF_TEST(what is outside of the span is left out) {
  session_minutes subject;
  subject.add(10, 1, 1, 0);
  subject.add(11, 2, 1, 0);
  subject.add(12, 3, 1, 0);
  CAF_CHECK(subject.rates(12, 1) == (std::vector<double>{2}));
  CAF_CHECK(subject.rates(12, 0).empty());
}

CAF_TEST(a day is kept) {
  session_minutes subject;
  const auto day = static_cast<std::int64_t>(session_minutes::most);
  for (std::int64_t minute = 0; minute <= 2 * day; ++minute)
    subject.add(minute, 60, 60, 0);
  const auto rates = subject.rates(2 * day + 1, session_minutes::most + 1);
  CAF_CHECK(std::isnan(rates.front()));
  CAF_CHECK_EQUAL(rates[1], 1.0);
  CAF_CHECK_EQUAL(rates.back(), 1.0);
}

CAF_TEST(a clock that is set back makes no new minutes) {
  session_minutes subject;
  subject.add(10, 1, 1, 0);
  subject.add(9, 3, 1, 0);
  CAF_CHECK(std::isnan(subject.rates(10, 1)[0]));
  CAF_CHECK_EQUAL(subject.rates(11, 1)[0], 2.0);
}

CAF_TEST(no time has no rate) {
  session_minutes subject;
  subject.add(10, 1, 0, 4);
  CAF_CHECK(std::isnan(subject.rates(11, 1)[0]));
  CAF_CHECK_EQUAL(subject.epochs(11, 1)[0], 4.0);
}
