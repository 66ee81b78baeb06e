#include "apps/dispatcher/status_command.hpp"

#include <httplib.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>

#include "apps/dispatcher/status_tables.hpp"
#include "apps/dispatcher/terminal_screen.hpp"
#include "apps/process/result_output.hpp"
#include "io/admin/json_text.hpp"
#include "io/host_port.hpp"

namespace dispatch {

namespace {

using admin::json;

constexpr std::chrono::seconds connect_timeout{2};
constexpr std::chrono::seconds read_timeout{5};

constexpr int ok = 200;
constexpr int failed = 1;

/// Lines of `top` that are not for consumers: the summary, titles, a line for cache and actors, and some events.
constexpr std::size_t other_lines = 14;
constexpr std::size_t least_clients = 3;
constexpr std::size_t events_of_top = 8;

/// There is no answer. what() is one line that says why.
class no_answer : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// A dispatcher that listens on all addresses of a machine is asked on that machine.
io::host_port this_machine_unless_named(io::host_port address) {
  if (address.host.empty())
    address.host = "localhost";
  return address;
}

std::string reason_of(httplib::Error error) {
  switch (error) {
  case httplib::Error::Connection:
    return "nothing there takes a connection";
  case httplib::Error::ConnectionTimeout:
    return "it cannot be reached";
  case httplib::Error::Read:
    return "what is there sends no answer";
  default:
    return httplib::to_string(error);
  }
}

/// Asks one dispatcher.
class status_reader {
public:
  explicit status_reader(const std::string& address)
    : address_(this_machine_unless_named(*io::parse_host_port(address))),
      client_(address_.host, address_.port) {
    client_.set_connection_timeout(connect_timeout);
    client_.set_read_timeout(read_timeout);
  }

  std::string get(const std::string& path) {
    const auto answer = client_.Get(path);
    if (!answer)
      throw no_answer("no dispatcher answers at " + io::to_string(address_) + ": " + reason_of(answer.error())
                      + "; --admin says where one is");
    if (answer->status != ok)
      throw no_answer(io::to_string(address_) + path + " answers with " + std::to_string(answer->status)
                      + ", which is not a status");
    return answer->body;
  }

  json get_json(const std::string& path) {
    auto parsed = json::parse(get(path), nullptr, false);
    if (parsed.is_discarded())
      throw no_answer(io::to_string(address_) + path + " is not a dispatcher's answer");
    return parsed;
  }

  std::string tables(const table_room& room) {
    try {
      return status_tables(get_json("/status"), get_json("/events"), room);
    } catch (const json::exception&) {
      throw no_answer(io::to_string(address_) + " answers what this version does not know");
    }
  }

private:
  io::host_port address_;
  httplib::Client client_;
};

table_room room_on(const terminal_screen& screen, std::size_t upstream_lines) {
  table_room room;
  room.events = events_of_top;
  if (const auto size = screen.size()) {
    const auto taken = other_lines + events_of_top + upstream_lines;
    room.width = size->columns;
    room.clients = std::max(size->rows > taken ? size->rows - taken : 0, least_clients);
  }
  return room;
}

std::size_t upstream_lines(const json& status) {
  std::size_t count = 0;
  for (const auto& upstream : status.at("upstreams"))
    count += 1 + upstream.at("fetchers").size();
  return count;
}

/// Draws until somebody says that it is enough. A dispatcher that was there and is gone may come back: on a terminal
/// that is waited for.
/// @returns one line that says why that cannot be shown; nothing where it was enough
std::optional<std::string> show_again_and_again(status_reader& reader, const status_options& options) {
  const auto lines = upstream_lines(reader.get_json("/status"));
  terminal_screen screen;
  for (;;) {
    std::string text;
    try {
      text = reader.tables(room_on(screen, lines));
    } catch (const no_answer& problem) {
      if (!screen.in_place())
        throw;
      text = std::string{problem.what()} + "\n";
    }
    if (auto problem = screen.show(text))
      return problem;
    if (!screen.wait(options.interval))
      return std::nullopt;
  }
}

} // namespace

int show_status(const status_options& options) {
  try {
    status_reader reader{options.admin};
    const auto problem = options.repeat ? show_again_and_again(reader, options)
                                        : write_result(options.json ? reader.get("/status") : reader.tables({}));
    if (!problem)
      return 0;
    std::cerr << "error: " << *problem << '\n';
  } catch (const no_answer& problem) {
    std::cerr << "error: " << problem.what() << '\n';
  } catch (const json::exception&) {
    std::cerr << "error: " << options.admin << " answers what this version does not know\n";
  }
  return failed;
}

} // namespace dispatch
