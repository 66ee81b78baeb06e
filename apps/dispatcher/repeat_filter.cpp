#include "apps/dispatcher/repeat_filter.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace dispatch {

namespace {

using namespace std::chrono_literals;

constexpr auto least_interval = 10s;
constexpr std::chrono::steady_clock::duration most_interval = 10min;
constexpr auto forgotten_after = 1min;
constexpr std::uint64_t firsts_of_clients = 10;

struct subject {
  std::string text;
  bool names_client = false;
};

std::string text_of(const event_field& field) {
  const auto* text = std::get_if<std::string_view>(&field.value);
  return text != nullptr ? std::string{*text} : std::string{};
}

subject subject_of(std::string_view event, event_fields fields) {
  subject result{std::string{event}};
  auto has_first = false;
  for (const auto& field : fields) {
    if (field.key == "client") {
      result.names_client = true;
    } else if (!has_first || field.key == "code") {
      has_first = true;
      result.text += '\n' + text_of(field);
    }
  }
  return result;
}

} // namespace

std::optional<std::uint64_t> repeat_filter::pass(severity level, std::string_view event, event_fields fields,
                                                 time_point now) {
  const auto answers_operator = fields.size() > 0 && fields.begin()->key == "message";
  if (level != severity::warning || answers_operator)
    return 0;
  forget_old(now);
  const auto about = subject_of(event, fields);
  auto& seen = series_[about.text];
  seen.came_at = now;
  if (seen.first_ones < (about.names_client ? firsts_of_clients : 1)) {
    ++seen.first_ones;
    seen.interval = least_interval;
    seen.logged_at = now;
    return 0;
  }
  if (now - seen.logged_at < seen.interval) {
    ++seen.left_out;
    return std::nullopt;
  }
  seen.interval = std::min(2 * seen.interval, most_interval);
  seen.logged_at = now;
  return std::exchange(seen.left_out, 0);
}

void repeat_filter::forget_old(time_point now) {
  if (now - forgot_at_ < least_interval)
    return;
  forgot_at_ = now;
  for (auto i = series_.begin(); i != series_.end();)
    i = now - i->second.came_at >= forgotten_after ? series_.erase(i) : std::next(i);
}

} // namespace dispatch
