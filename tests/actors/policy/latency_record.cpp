#define CAF_SUITE latency_record

#include "actors/policy/latency_record.hpp"

#include <caf/test/unit_test.hpp>

using dispatch::policy::latency_record;
using namespace std::chrono_literals;

CAF_TEST(without a call there is no latency) {
  CAF_CHECK(!latency_record{}.quantile(0.5));
}

CAF_TEST(one call is all quantiles) {
  latency_record subject;
  subject.add(7ms);
  for (const auto rank : {0.01, 0.5, 0.99, 1.0})
    CAF_CHECK(subject.quantile(rank) == 7ms);
}

CAF_TEST(quantiles do not depend on the order of the calls) {
  latency_record subject;
  for (auto i = 0; i < 100; ++i)
    subject.add(std::chrono::milliseconds{(i * 37) % 100 + 1});
  CAF_CHECK(subject.quantile(0.5) == 50ms);
  CAF_CHECK(subject.quantile(0.99) == 99ms);
  CAF_CHECK(subject.quantile(1.0) == 100ms);
}

CAF_TEST(only the latest calls count) {
  latency_record subject;
  for (std::size_t i = 0; i < latency_record::capacity; ++i)
    subject.add(1s);
  for (std::size_t i = 0; i < latency_record::capacity / 2 + 1; ++i)
    subject.add(1ms);
  CAF_CHECK(subject.quantile(0.5) == 1ms);
  CAF_CHECK(subject.quantile(0.99) == 1s);
  for (std::size_t i = 0; i < latency_record::capacity / 2; ++i)
    subject.add(1ms);
  CAF_CHECK(subject.quantile(1.0) == 1ms);
}
