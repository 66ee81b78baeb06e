#pragma once

#include <cstddef>

namespace dispatch::policy {

/// A slice of time, in which the rate is measured, has at least so many batches (`load_meter`).
inline constexpr std::size_t least_in_slice = 4;

/// What is known of the rate of an upstream that has so many calls under way.
struct rate_measure {
  std::size_t calls = 0;
  double batches = 0;
  double seconds = 0;

  /// Batches per second; 0 while nothing is known.
  double rate() const noexcept { return seconds > 0 ? batches / seconds : 0; }
};

/// How much the rate varies by itself, learnt from measures of the same number of calls:
///
///     noise           = variance of ln(rate) * batches, which is (σ / mean)² of the time for one batch
///     deviation(a, b) = sqrt(noise * (1 / a.batches + 1 / b.batches)), of ln(a.rate / b.rate)
///     enough(n)       = max(16 * max(n, 4), min(2 * noise / 0.04², 600)), the batches that a measure remembers
class rate_noise {
public:
  /// There is one more measure, of one slice of time. Where it is of as many calls as the one before, the noise follows
  /// the difference between the two.
  void learn(const rate_measure& seen);

  /// The next measure is not to be compared with the one before.
  void forget_previous() noexcept { previous_ = {}; }

  /// The standard deviation that chance gives to the logarithm of one rate over another.
  double deviation(const rate_measure& a, const rate_measure& b) const;

  /// How many batches make a measure as exact as it gets.
  double enough(std::size_t calls) const;

  /// What is known when `seen` has been added to `known`. What is beyond `enough` is forgotten.
  rate_measure refined(const rate_measure& known, const rate_measure& seen) const;

private:
  rate_measure previous_;
  double noise_ = 0.05;
};

} // namespace dispatch::policy
