#include "actors/policy/rate_measure.hpp"

#include <algorithm>
#include <cmath>

namespace dispatch::policy {

namespace {

constexpr double noise_floor = 0.002;

// What a measure remembers: enough batches for this relative precision, if that is not too many.
constexpr double precision_wanted = 0.04;
constexpr double most_for_precision = 600;
constexpr double slices_remembered = 16;

} // namespace

void rate_noise::learn(const rate_measure& seen) {
  if (previous_.calls == seen.calls) {
    const auto change = std::log(seen.rate() / previous_.rate());
    const auto variance = change * change / (1 / seen.batches + 1 / previous_.batches);
    // A change of the upstream is no noise; noise that has grown is learnt all the same, in a few slices more.
    noise_ = std::max(noise_floor, noise_ + 0.1 * (std::min(variance, 4 * noise_) - noise_));
  }
  previous_ = seen;
}

double rate_noise::deviation(const rate_measure& a, const rate_measure& b) const {
  return std::sqrt(noise_ * (1 / a.batches + 1 / b.batches));
}

double rate_noise::enough(std::size_t calls) const {
  const auto for_precision = 2 * noise_ / (precision_wanted * precision_wanted);
  const auto for_slices = slices_remembered * static_cast<double>(std::max(calls, least_in_slice));
  return std::max(for_slices, std::min(for_precision, most_for_precision));
}

rate_measure rate_noise::refined(const rate_measure& known, const rate_measure& seen) const {
  const auto kept = std::min(1.0, enough(seen.calls) / (known.batches + seen.batches));
  return {seen.calls, kept * (known.batches + seen.batches), kept * (known.seconds + seen.seconds)};
}

} // namespace dispatch::policy
