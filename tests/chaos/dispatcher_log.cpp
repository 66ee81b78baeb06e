#include "tests/chaos/dispatcher_log.hpp"

#include <charconv>

#include "tests/chaos/log_tail.hpp"

namespace dispatch::chaos {

namespace {

std::uint64_t number_of(std::string_view line, std::string_view key) {
  const auto text = field_of(line, key);
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

} // namespace

void dispatcher_log::take(std::string_view line) {
  const auto event = event_of(line);
  ++events_[std::string{event}];
  if (event == "client_counts") {
    open_ = {};
    open_.clients = number_of(line, "clients");
  } else if (event == "upstream_counts") {
    open_.queued = number_of(line, "queued");
    open_.calls_in_flight += number_of(line, "calls_in_flight");
    open_.live_fetchers += number_of(line, "live_fetchers");
  } else if (event == "actor_counts") {
    open_.actors = number_of(line, "running");
    last_ = open_;
    ++reports_;
  }
}

std::uint64_t dispatcher_log::count(std::string_view event) const {
  const auto found = events_.find(event);
  return found == events_.end() ? 0 : found->second;
}

} // namespace dispatch::chaos
