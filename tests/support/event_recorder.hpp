#pragma once

#include <algorithm>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "messages/event_log.hpp"

namespace dispatch::test {

/// A log that remembers, for tests that look at what an operator would see.
class event_recorder : public event_log {
public:
  struct event {
    severity level;
    std::string name;
    std::map<std::string, std::string> fields;
  };

  void write(severity level, std::string_view name, event_fields fields) override {
    event entry{level, std::string{name}, {}};
    for (const auto& field : fields)
      entry.fields[std::string{field.key}] = std::visit([](const auto& x) { return text_of(x); }, field.value);
    const std::lock_guard guard{mutex_};
    events_.push_back(std::move(entry));
  }

  /// All events of this name, oldest first.
  std::vector<event> named(std::string_view name) const {
    const std::lock_guard guard{mutex_};
    std::vector<event> result;
    std::copy_if(events_.begin(), events_.end(), std::back_inserter(result),
                 [&](const event& candidate) { return candidate.name == name; });
    return result;
  }

private:
  static std::string text_of(std::string_view x) { return std::string{x}; }
  static std::string text_of(bool x) { return x ? "true" : "false"; }
  template <class Number>
  static std::string text_of(Number x) {
    return std::to_string(x);
  }

  mutable std::mutex mutex_;
  std::vector<event> events_;
};

} // namespace dispatch::test
