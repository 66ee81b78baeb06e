#define CAF_SUITE duration_histogram

#include "bench/stream/duration_histogram.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

using dispatch::bench::duration_histogram;
using std::chrono::nanoseconds;

namespace {

/// Whether `found` is `exact` or up to 1/32 above it.
bool is_close(nanoseconds found, nanoseconds exact) {
  return found >= exact && found.count() - exact.count() <= exact.count() / 32;
}

} // namespace

CAF_TEST(nothing was counted) {
  duration_histogram empty;
  CAF_CHECK_EQUAL(empty.count(), 0u);
  CAF_CHECK_EQUAL(empty.quantile(0.5).count(), 0);
  CAF_CHECK_EQUAL(empty.max().count(), 0);
}

CAF_TEST(one duration is all quantiles) {
  for (const std::int64_t value : {std::int64_t{0}, std::int64_t{1}, std::int64_t{31}, std::int64_t{32},
                                   std::int64_t{1'000'003}, std::numeric_limits<std::int64_t>::max()}) {
    duration_histogram one;
    one.add(nanoseconds{value});
    for (const auto share : {0.0, 0.5, 1.0})
      CAF_CHECK_EQUAL(one.quantile(share).count(), value);
  }
}

CAF_TEST(less than zero counts as zero) {
  duration_histogram histogram;
  histogram.add(nanoseconds{-5});
  CAF_CHECK_EQUAL(histogram.count(), 1u);
  CAF_CHECK_EQUAL(histogram.quantile(1).count(), 0);
}

CAF_TEST(quantiles are up to three percent too large) {
  std::mt19937_64 random{3};
  std::vector<nanoseconds> values;
  duration_histogram histogram;
  for (auto i = 0; i < 5000; ++i) {
    values.emplace_back(static_cast<std::int64_t>(random() >> (20 + random() % 40)));
    histogram.add(values.back());
  }
  std::sort(values.begin(), values.end());
  for (const auto share : {0.01, 0.25, 0.5, 0.9, 0.99, 1.0})
    CAF_CHECK(is_close(histogram.quantile(share), values[static_cast<std::size_t>(share * 5000) - 1]));
  CAF_CHECK_EQUAL(histogram.max().count(), values.back().count());
}

CAF_TEST(two make one) {
  duration_histogram a;
  duration_histogram b;
  for (auto i = 1; i <= 10; ++i)
    (i <= 5 ? a : b).add(nanoseconds{i});
  a.merge(b);
  CAF_CHECK_EQUAL(a.count(), 10u);
  CAF_CHECK_EQUAL(a.quantile(0.5).count(), 5);
  CAF_CHECK_EQUAL(a.max().count(), 10);
}
