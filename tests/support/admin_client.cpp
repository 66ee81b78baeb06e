#include "tests/support/admin_client.hpp"

#include <httplib.h>

#include <chrono>
#include <stdexcept>

namespace dispatch::test {

using json = nlohmann::ordered_json;

admin_answer get(std::uint16_t admin_port, const std::string& path) {
  httplib::Client client{"127.0.0.1", admin_port};
  client.set_read_timeout(tcp_client::timeout);
  const auto answer = client.Get(path);
  if (!answer)
    throw std::runtime_error("no answer to " + path + ": " + httplib::to_string(answer.error()));
  return {answer->status, answer->body};
}

json get_json(std::uint16_t admin_port, const std::string& path) {
  return json::parse(get(admin_port, path).body);
}

admin_answer wait_for_answer(std::uint16_t admin_port, const std::string& path,
                             const std::function<bool(const admin_answer&)>& is_right) {
  const auto deadline = std::chrono::steady_clock::now() + tcp_client::timeout;
  for (;;) {
    auto answer = get(admin_port, path);
    if (is_right(answer))
      return answer;
    if (std::chrono::steady_clock::now() > deadline)
      throw std::runtime_error(path + " does not become what is waited for: " + answer.body);
  }
}

json wait_for_json(std::uint16_t admin_port, const std::string& path,
                   const std::function<bool(const json&)>& is_right) {
  const auto answer = wait_for_answer(admin_port, path, [&](const admin_answer& x) {
    // One who starts up may say so in text.
    const auto body = json::parse(x.body, nullptr, false);
    return !body.is_discarded() && is_right(body);
  });
  return json::parse(answer.body);
}

event_follower::event_follower(std::uint16_t admin_port) : peer_(admin_port) {
  peer_.send("GET /events/stream HTTP/1.1\r\nHost: localhost\r\n\r\n");
}

json event_follower::wait_for(std::string_view name) {
  while (auto event = next())
    if (event->at("event") == name)
      return *event;
  throw std::runtime_error("the stream of events ends without " + std::string{name});
}

void event_follower::wait_for_end() {
  while (next()) {
  }
}

std::optional<json> event_follower::next() {
  constexpr std::string_view data = "data: ";
  while (const auto line = peer_.read_line())
    if (line->compare(0, data.size(), data) == 0)
      return json::parse(line->substr(data.size()));
  return std::nullopt;
}

} // namespace dispatch::test
