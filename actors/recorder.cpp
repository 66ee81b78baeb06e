#include "actors/recorder.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace dispatch {

namespace {

using kind = policy::series_history::kind;

struct series {
  const char* name;
  policy::series_history::kind what;
};

/// In the order of the values that `sample` adds.
constexpr std::array<series, 9> all_series{{{"batches_per_second", kind::level},
                                            {"bytes_per_second", kind::level},
                                            {"waiting_upstream", kind::level},
                                            {"waiting_encoding", kind::level},
                                            {"waiting_socket", kind::level},
                                            {"clients", kind::level},
                                            {"held_up", kind::level},
                                            {"warnings", kind::amount},
                                            {"errors", kind::amount}}};

std::vector<kind> kinds() {
  std::vector<kind> result;
  for (const auto& each : all_series)
    result.push_back(each.what);
  return result;
}

std::int64_t seconds_of(std::chrono::system_clock::time_point at) {
  return std::chrono::floor<std::chrono::seconds>(at.time_since_epoch()).count();
}

double value_of(const caf::telemetry::int_counter* counter) {
  return static_cast<double>(counter->value());
}

} // namespace

recorder::recorder(caf::telemetry::metric_registry& registry, std::chrono::steady_clock::time_point now)
  : clients_(registry),
    listener_(registry),
    events_(registry),
    history_(kinds()),
    last_at_(now),
    last_(count()) {}

recorder::totals recorder::count() const {
  return {value_of(clients_.sent_batches),
          value_of(clients_.sent_bytes),
          clients_.waited_for_upstream->value(),
          clients_.waited_for_encoding->value(),
          clients_.waited_for_socket->value(),
          value_of(events_.warnings),
          value_of(events_.errors)};
}

double recorder::connected() const {
  auto left = value_of(listener_.accepted) - value_of(listener_.refused);
  for (const auto* ended : clients_.streams)
    left -= value_of(ended);
  return std::max(left, 0.0);
}

void recorder::sample(std::chrono::steady_clock::time_point now, std::chrono::system_clock::time_point at) {
  const auto elapsed = std::chrono::duration<double>(now - std::exchange(last_at_, now)).count();
  const auto before = std::exchange(last_, count());
  const auto rate = [elapsed](double from, double to) { return elapsed > 0 ? (to - from) / elapsed : 0; };
  history_.add(seconds_of(at), {rate(before.batches, last_.batches), rate(before.bytes, last_.bytes),
                                rate(before.waited_for_upstream, last_.waited_for_upstream),
                                rate(before.waited_for_encoding, last_.waited_for_encoding),
                                rate(before.waited_for_socket, last_.waited_for_socket), connected(),
                                static_cast<double>(clients_.held_up->value()), last_.warnings - before.warnings,
                                last_.errors - before.errors});
}

history_report recorder::report(std::chrono::seconds span, std::chrono::system_clock::time_point at) const {
  constexpr auto by_second = std::chrono::seconds{policy::series_history::kept_seconds};
  constexpr auto by_minute = std::chrono::minutes{policy::series_history::kept_minutes};
  const auto step = span <= by_second ? std::chrono::seconds{1} : std::chrono::seconds{60};
  // The second, or minute, that goes on is not whole.
  const auto end = seconds_of(at) / step.count();
  const auto count = static_cast<std::size_t>(std::clamp<std::chrono::seconds>(span, step, by_minute) / step);
  history_report result;
  result.step = step;
  result.ends_at = caf::timestamp{std::chrono::seconds{end * step.count()}};
  for (std::size_t i = 0; i < all_series.size(); ++i)
    result.series.push_back(
      {all_series[i].name, step.count() == 1 ? history_.by_second(i, end, count) : history_.by_minute(i, end, count)});
  return result;
}

} // namespace dispatch
