#include "tests/chaos/client_crowd.hpp"

#include <utility>

namespace dispatch::chaos {

namespace {

constexpr std::size_t buffer_size = 256 * 1024;

/// So many connect at a time at most, so that those who are there are served.
constexpr int most_at_once = 20;

} // namespace

client_crowd::client_crowd(client_schedule arrivals, const expected_pass& expected, limits most)
  : arrivals_(arrivals),
    expected_(expected),
    most_(most),
    next_(arrivals_.next()),
    buffer_(buffer_size) {}

void client_crowd::admit(std::uint16_t port, milliseconds elapsed, time_point now) {
  for (auto i = 0; i < most_at_once && next_.at <= elapsed && clients_.size() < most_.present; ++i) {
    add(next_, port, now);
    next_ = arrivals_.next();
  }
}

void client_crowd::add(const client_plan& plan, std::uint16_t port, time_point now) {
  clients_.emplace_back(plan, port, expected_, now);
}

void client_crowd::watch(poll_set& set, time_point now) {
  for (auto& client : clients_)
    client.watch(set, now);
}

void client_crowd::serve(const poll_set& set, time_point now) {
  for (auto place = clients_.begin(); place != clients_.end();) {
    auto& client = *place;
    if (!client.over())
      client.serve(set, now, buffer_);
    if (!client.over() && now > client.served_at() + most_.patience)
      client.give_up("got nothing for " + std::to_string(most_.patience.count()) + " s");
    if (!client.over()) {
      ++place;
      continue;
    }
    if (!was_drained(client))
      tally_.add(client);
    if (auto socket = client.take_vanished())
      vanished_.push_back({std::move(socket), now});
    place = clients_.erase(place);
  }
  forget_vanished(now);
}

void client_crowd::forget_vanished(time_point now) {
  while (!vanished_.empty() && now >= vanished_.front().since + most_.vanished())
    vanished_.pop_front();
}

bool client_crowd::was_drained(const chaos_client& client) const {
  if (!draining_ || !client.problem())
    return false;
  const auto says = [&client](const char* text) { return client.problem()->find(text) != std::string::npos; };
  return (says("UNAVAILABLE") && says("draining")) || !client.plan().whole();
}

} // namespace dispatch::chaos
