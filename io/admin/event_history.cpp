#include "io/admin/event_history.hpp"

#include <algorithm>
#include <iterator>
#include <random>
#include <type_traits>

namespace dispatch::admin {

namespace {

past_event::value_type to_owned(const event_field::value_type& value) {
  const auto own = [](const auto& x) -> past_event::value_type {
    if constexpr (std::is_same_v<std::decay_t<decltype(x)>, std::string_view>)
      return std::string{x.substr(0, event_history::longest_text)};
    else
      return x;
  };
  return std::visit(own, value);
}

/// Eight digits by chance.
std::string new_run() {
  constexpr std::string_view digits = "0123456789abcdef";
  std::random_device chance;
  std::string result(8, '0');
  for (auto& digit : result)
    digit = digits[chance() % digits.size()];
  return result;
}

} // namespace

event_history::event_history(event_log_ptr next) : next_(std::move(next)), run_(new_run()) {}

void event_history::write(severity level, std::string_view event, event_fields fields) {
  // First: a log that nobody reads may take its time.
  if (level != severity::debug)
    remember(level, event, fields);
  next_->write(level, event, fields);
}

void event_history::remember(severity level, std::string_view event, event_fields fields) {
  past_event entry{0, {}, level, std::string{event}, {}};
  entry.fields.reserve(fields.size());
  for (const auto& field : fields)
    entry.fields.emplace_back(std::string{field.key}, to_owned(field.value));
  const std::lock_guard guard{mutex_};
  // Numbers and times have one order.
  entry.time = std::chrono::system_clock::now();
  entry.seq = ++last_seq_;
  auto& events = level == severity::info ? infos_ : troubles_;
  if (events.size() == capacity)
    events.pop_front();
  events.push_back(std::move(entry));
  written_.notify_all();
}

std::vector<past_event> event_history::since(std::uint64_t seq) const {
  const std::lock_guard guard{mutex_};
  if (!has_newer(seq))
    return {};
  const auto first_of = [&](const std::deque<past_event>& events) {
    return seq > last_seq_ ? events.begin()
                           : std::upper_bound(events.begin(), events.end(), seq,
                                              [](std::uint64_t x, const past_event& event) { return x < event.seq; });
  };
  std::vector<past_event> result;
  std::merge(first_of(infos_), infos_.end(), first_of(troubles_), troubles_.end(), std::back_inserter(result),
             [](const past_event& a, const past_event& b) { return a.seq < b.seq; });
  return result;
}

std::uint64_t event_history::last_seq() const {
  const std::lock_guard guard{mutex_};
  return last_seq_;
}

bool event_history::wait_for_newer(std::uint64_t seq, std::chrono::milliseconds timeout) const {
  std::unique_lock guard{mutex_};
  return written_.wait_for(guard, timeout, [&] { return has_newer(seq); });
}

bool event_history::has_newer(std::uint64_t seq) const {
  return seq != last_seq_ && last_seq_ > 0;
}

} // namespace dispatch::admin
