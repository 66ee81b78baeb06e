#pragma once

#include <nlohmann/json.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace dispatch::admin {

/// Members stay in the order in which they are written.
using json = nlohmann::ordered_json;

/// One line of JSON. Text from outside need not be UTF-8: what is not is replaced.
std::string to_text(const json& value);

/// A moment as in RFC 3339, in UTC and with milliseconds: `2024-05-01T09:30:00.123Z`.
std::string moment_text(std::chrono::system_clock::time_point moment);

/// What is not known is null.
template <class T>
json or_null(const std::optional<T>& x) {
  return x ? json(*x) : json();
}

/// A text that is empty is null.
inline json text_or_null(const std::string& x) {
  return x.empty() ? json() : json(x);
}

/// A duration in seconds.
template <class Rep, class Period>
double seconds_of(std::chrono::duration<Rep, Period> duration) {
  return std::chrono::duration<double>(duration).count();
}

/// A list with what `convert` makes of each.
template <class T, class Convert>
json list_of(const std::vector<T>& all, Convert convert) {
  auto list = json::array();
  for (const auto& x : all)
    list.push_back(convert(x));
  return list;
}

} // namespace dispatch::admin
