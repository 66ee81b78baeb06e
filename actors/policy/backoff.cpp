#include "actors/policy/backoff.hpp"

#include <algorithm>
#include <cmath>

namespace dispatch::policy {

backoff::milliseconds backoff::next(milliseconds healthy_for, std::uint64_t calls, double uniform) noexcept {
  if (healthy_for >= options_.reset_after || calls >= options_.reset_after_calls)
    failures_ = 0;
  const auto exponential = std::ldexp(static_cast<double>(options_.base.count()), std::min(failures_, 62));
  const auto limit = std::min(exponential, static_cast<double>(options_.cap.count()));
  failures_ = std::min(failures_ + 1, 1'000'000);
  return milliseconds{static_cast<milliseconds::rep>(limit * uniform)};
}

} // namespace dispatch::policy
