#include "apps/pull/admin_view.hpp"

#include <httplib.h>

namespace dispatch::pull {

namespace {

using namespace std::chrono_literals;

constexpr auto connect_timeout = 1s;
constexpr auto answer_timeout = 3s;
constexpr auto pause_without_answer = 1min;
constexpr std::size_t largest_answer = std::size_t{64} << 20;
constexpr int ok = 200;

struct answer {
  int status = 0;
  std::string body;
};

std::optional<answer> ask(const endpoint& where, const std::string& path) {
  httplib::Client client{where.host, where.port};
  client.set_connection_timeout(connect_timeout);
  client.set_read_timeout(answer_timeout);
  answer result;
  // Whatever listens there may send without end.
  const auto deadline = std::chrono::steady_clock::now() + connect_timeout + answer_timeout;
  const auto came = client.Get(path, [&](const char* data, std::size_t size) {
    result.body.append(data, size);
    return result.body.size() <= largest_answer && std::chrono::steady_clock::now() < deadline;
  });
  if (!came)
    return std::nullopt;
  result.status = came->status;
  return result;
}

} // namespace

std::optional<dispatcher_state> admin_view::state() {
  const auto body = get("/status");
  auto state = body ? parse_status(*body) : std::nullopt;
  if (state && !options_.admin_was_given && state->port != options_.server.port)
    return std::nullopt;
  return state;
}

std::optional<sample_format> admin_view::sample() {
  if (!options_.admin_was_given && !state())
    return std::nullopt;
  const auto body = get("/preview");
  return body ? parse_preview(*body) : std::nullopt;
}

std::optional<std::string> admin_view::get(const std::string& path) {
  if (!options_.admin || clock::now() < ask_again_.load())
    return std::nullopt;
  auto got = ask(*options_.admin, path);
  if (!got)
    ask_again_ = clock::now() + pause_without_answer;
  return got && got->status == ok ? std::optional<std::string>{std::move(got->body)} : std::nullopt;
}

std::optional<dispatcher_state> state_at(const endpoint& where) {
  const auto got = ask(where, "/status");
  return got && got->status == ok ? parse_status(got->body) : std::nullopt;
}

} // namespace dispatch::pull
