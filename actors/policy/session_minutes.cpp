#include "actors/policy/session_minutes.hpp"

#include <limits>

namespace dispatch::policy {

namespace {

constexpr auto unknown = std::numeric_limits<double>::quiet_NaN();

} // namespace

void session_minutes::add(std::int64_t minute, double batches, double seconds, std::uint64_t epoch) {
  if (entries_.empty() || entries_.back().minute < minute)
    entries_.push_back({minute, 0, 0, 0});
  auto& last = entries_.back();
  last.batches += static_cast<float>(batches);
  last.seconds += static_cast<float>(seconds);
  last.epoch = static_cast<double>(epoch);
  while (entries_.front().minute <= last.minute - static_cast<std::int64_t>(most))
    entries_.pop_front();
}

template <class Value>
std::vector<double> session_minutes::values(std::int64_t end, std::size_t count, Value value) const {
  const auto begin = end - static_cast<std::int64_t>(count);
  std::vector<double> result(count, unknown);
  for (const auto& each : entries_)
    if (each.minute >= begin && each.minute < end)
      result[static_cast<std::size_t>(each.minute - begin)] = value(each);
  return result;
}

std::vector<double> session_minutes::rates(std::int64_t end, std::size_t count) const {
  return values(end, count, [](const entry& each) {
    return each.seconds > 0 ? static_cast<double>(each.batches / each.seconds) : unknown;
  });
}

std::vector<double> session_minutes::epochs(std::int64_t end, std::size_t count) const {
  return values(end, count, [](const entry& each) { return each.epoch; });
}

} // namespace dispatch::policy
