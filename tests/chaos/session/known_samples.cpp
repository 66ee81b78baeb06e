#include "tests/chaos/session/known_samples.hpp"

#include <utility>

#include "tests/chaos/run_failure.hpp"

namespace dispatch::chaos {

namespace {

constexpr std::size_t telling_bytes = 16;

} // namespace

known_samples::known_samples(dataset::sample_array samples) : samples_(std::move(samples)) {
  for (std::int32_t i = 0; i < samples_.total_samples(); ++i)
    if (!numbers_.emplace(samples_.sample(i).substr(0, telling_bytes), i).second)
      throw run_failure{"sample " + std::to_string(i) + " begins like another"};
}

std::optional<std::int64_t> known_samples::number_of(std::string_view row) const {
  const auto found = numbers_.find(row.substr(0, telling_bytes));
  if (found == numbers_.end() || samples_.sample(found->second) != row)
    return std::nullopt;
  return found->second;
}

} // namespace dispatch::chaos
