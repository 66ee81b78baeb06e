#include "apps/dispatcher/unknown_variables.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <string_view>

namespace dispatch {

namespace {

constexpr std::string_view prefix = "DISPATCHER_";

/// Of the bundled data, of `deploy/`, of compose.yaml, and of the tests.
constexpr std::array<std::string_view, 7> of_others{
  "DISPATCHER_DATA_DIR",   "DISPATCHER_SETUP_LOGS", "DISPATCHER_MEMORY",    "DISPATCHER_FAULT",
  "DISPATCHER_BINARY_DIR", "DISPATCHER_PAGE",       "DISPATCHER_SCREENSHOT"};

bool starts_with(std::string_view text, std::string_view beginning) {
  return text.substr(0, beginning.size()) == beginning;
}

/// Kubernetes tells each pod so where a service called `dispatcher` is.
bool is_service_link(std::string_view name, std::string_view value) {
  return starts_with(name, "DISPATCHER_SERVICE_") || starts_with(name, "DISPATCHER_PORT_")
         || (name == "DISPATCHER_PORT" && value.find("://") != std::string_view::npos);
}

/// How many letters have to be put in, left out or changed (Levenshtein).
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    auto diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const auto changed = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

std::string nearest_to(std::string_view name, const std::vector<std::string>& options) {
  constexpr std::size_t most_typos = 3;
  std::string result;
  auto least = most_typos + 1;
  for (const auto& option : options) {
    const auto typos = distance(name, option);
    // A short word is near to every other one.
    if (typos < least && typos * 2 < option.size() - prefix.size()) {
      least = typos;
      result = option;
    }
  }
  return result;
}

} // namespace

std::vector<unknown_variable> find_unknown_variables(const std::vector<std::string>& environment,
                                                     const std::vector<std::string>& options) {
  std::vector<unknown_variable> result;
  for (const std::string_view entry : environment) {
    const auto equals = std::min(entry.find('='), entry.size());
    const auto name = entry.substr(0, equals);
    const auto value = entry.substr(std::min(equals + 1, entry.size()));
    const auto is_known = std::find(options.begin(), options.end(), name) != options.end()
                          || std::find(of_others.begin(), of_others.end(), name) != of_others.end();
    if (starts_with(name, prefix) && !value.empty() && !is_known && !is_service_link(name, value))
      result.push_back({std::string{name}, nearest_to(name, options)});
  }
  return result;
}

std::string to_text(const unknown_variable& variable) {
  return variable.name + " in the environment is not an option; "
         + (variable.nearest.empty() ? "--help lists them" : variable.nearest + " is");
}

} // namespace dispatch
