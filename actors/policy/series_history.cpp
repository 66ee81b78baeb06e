#include "actors/policy/series_history.hpp"

#include <algorithm>
#include <utility>

namespace dispatch::policy {

namespace {

constexpr std::int64_t seconds_of_minute = 60;
constexpr std::int64_t no_step = std::numeric_limits<std::int64_t>::min();
constexpr auto unknown = std::numeric_limits<double>::quiet_NaN();

/// Rounded down, also below zero.
std::int64_t minute_of(std::int64_t second) {
  return (second >= 0 ? second : second - seconds_of_minute + 1) / seconds_of_minute;
}

} // namespace

// -- one ring ---------------------------------------------------------------------------------------------------------

series_history::ring::ring(std::size_t steps, std::size_t series)
  : series_(series),
    steps_(steps, no_step),
    values_(steps * series, std::numeric_limits<float>::quiet_NaN()) {}

std::size_t series_history::ring::place_of(std::int64_t step) const {
  const auto size = static_cast<std::int64_t>(steps_.size());
  return static_cast<std::size_t>(((step % size) + size) % size);
}

void series_history::ring::begin(std::int64_t step) {
  const auto place = place_of(step);
  if (std::exchange(steps_[place], step) == step)
    return;
  const auto first = values_.begin() + static_cast<std::ptrdiff_t>(place * series_);
  std::fill_n(first, series_, std::numeric_limits<float>::quiet_NaN());
}

void series_history::ring::set(std::int64_t step, std::size_t series, double value) {
  values_[place_of(step) * series_ + series] = static_cast<float>(value);
}

double series_history::ring::get(std::int64_t step, std::size_t series) const {
  const auto place = place_of(step);
  return steps_[place] == step ? static_cast<double>(values_[place * series_ + series]) : unknown;
}

// -- all --------------------------------------------------------------------------------------------------------------

series_history::series_history(std::vector<kind> kinds)
  : kinds_(std::move(kinds)),
    seconds_(kept_seconds, kinds_.size()),
    minutes_(kept_minutes, kinds_.size()) {}

void series_history::add(std::int64_t second, const std::vector<double>& values) {
  const auto minute = minute_of(second);
  seconds_.begin(second);
  minutes_.begin(minute);
  for (std::size_t series = 0; series < kinds_.size(); ++series) {
    seconds_.set(second, series, values.at(series));
    minutes_.set(minute, series, of_minute(minute, series));
  }
}

double series_history::of_minute(std::int64_t minute, std::size_t series) const {
  auto sum = 0.0;
  auto known = 0;
  for (auto second = minute * seconds_of_minute; second < (minute + 1) * seconds_of_minute; ++second) {
    const auto value = seconds_.get(second, series);
    if (std::isnan(value))
      continue;
    sum += value;
    ++known;
  }
  if (known == 0)
    return unknown;
  return kinds_[series] == kind::amount ? sum : sum / known;
}

std::vector<double> series_history::by_second(std::size_t series, std::int64_t end, std::size_t count) const {
  std::vector<double> result;
  result.reserve(count);
  for (auto second = end - static_cast<std::int64_t>(count); second < end; ++second)
    result.push_back(seconds_.get(second, series));
  return result;
}

std::vector<double> series_history::by_minute(std::size_t series, std::int64_t end, std::size_t count) const {
  std::vector<double> result;
  result.reserve(count);
  for (auto minute = end - static_cast<std::int64_t>(count); minute < end; ++minute)
    result.push_back(minutes_.get(minute, series));
  return result;
}

} // namespace dispatch::policy
