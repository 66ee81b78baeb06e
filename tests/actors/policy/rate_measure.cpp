#define CAF_SUITE rate_measure

#include "actors/policy/rate_measure.hpp"

#include <caf/test/unit_test.hpp>

#include <cmath>
#include <cstddef>

using dispatch::policy::rate_measure;
using dispatch::policy::rate_noise;

namespace {

constexpr rate_measure slice_of(double rate) {
  return {2, 4, 4 / rate};
}

double deviation(const rate_noise& noise) {
  return noise.deviation(slice_of(1), slice_of(1));
}

} // namespace

CAF_TEST(a rate is batches per second and nothing while nothing is known) {
  CAF_CHECK_EQUAL(rate_measure{}.rate(), 0.0);
  CAF_CHECK_EQUAL((rate_measure{1, 6, 3}.rate()), 2.0);
}

CAF_TEST(noise follows what slices of as many calls differ by) {
  rate_noise quiet;
  rate_noise loud;
  const auto at_first = deviation(quiet);
  for (auto i = 0; i < 200; ++i) {
    quiet.learn(slice_of(100));
    loud.learn(slice_of(i % 2 == 0 ? 100 : 200));
  }
  CAF_CHECK(deviation(quiet) < at_first / 2);
  CAF_CHECK(deviation(loud) > 1.5 * at_first);
  // The difference of ln(100) and ln(200) is all there is.
  CAF_CHECK(std::abs(deviation(loud) - std::log(2.0)) < 0.1);
}

CAF_TEST(a single change of the upstream is hardly taken for noise) {
  rate_noise noise;
  noise.learn(slice_of(100));
  const auto before = deviation(noise);
  noise.learn(slice_of(10000));
  CAF_CHECK(deviation(noise) < 1.2 * before);
}

CAF_TEST(slices of other calls or before a forgotten one say nothing about noise) {
  rate_noise noise;
  const auto before = deviation(noise);
  noise.learn(slice_of(100));
  noise.forget_previous();
  noise.learn(slice_of(200));
  noise.learn({4, 4, 1});
  CAF_CHECK_EQUAL(deviation(noise), before);
}

CAF_TEST(a measure remembers enough and no more) {
  rate_noise noise;
  rate_measure known;
  for (auto i = 0; i < 1000; ++i)
    known = noise.refined(known, slice_of(100));
  CAF_CHECK(std::abs(known.batches - noise.enough(2)) < 0.001);
  CAF_CHECK(std::abs(known.rate() - 100) < 0.001);
  CAF_CHECK_EQUAL(noise.enough(64), 1024.0);
}
