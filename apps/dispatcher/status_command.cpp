#include "apps/dispatcher/status_command.hpp"

#include <algorithm>
#include <iostream>
#include <optional>
#include <string>

#include "apps/dispatcher/admin_client.hpp"
#include "apps/dispatcher/status_tables.hpp"
#include "apps/dispatcher/terminal_screen.hpp"
#include "apps/process/result_output.hpp"
#include "io/admin/json_text.hpp"

namespace dispatch {

namespace {

using admin::json;

constexpr int failed = 1;

/// Lines of `top` that are not for consumers: the summary, titles, a line for cache and actors, and some events.
constexpr std::size_t other_lines = 14;
constexpr std::size_t least_clients = 3;
constexpr std::size_t events_of_top = 8;

std::string tables_of(admin_client& dispatcher, const table_room& room) {
  return status_tables(dispatcher.get_json("/status"), dispatcher.get_json("/events"), room);
}

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
std::optional<std::string> show_again_and_again(admin_client& dispatcher, const status_options& options) {
  const auto lines = upstream_lines(dispatcher.get_json("/status"));
  terminal_screen screen;
  for (;;) {
    std::string text;
    try {
      text = tables_of(dispatcher, room_on(screen, lines));
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
    admin_client dispatcher{options.admin};
    const auto problem = options.repeat
                           ? show_again_and_again(dispatcher, options)
                           : write_result(options.json ? dispatcher.get("/status") : tables_of(dispatcher, {}));
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
