#include "apps/dispatcher/status_options.hpp"

#include "apps/dispatcher/admin_client.hpp"
#include "apps/dispatcher/duration_text.hpp"

namespace dispatch {

namespace {

constexpr std::chrono::milliseconds shortest_interval{100};

} // namespace

std::optional<std::string> validate(const status_options& candidate) {
  if (const auto problem = admin_address_problem(candidate.admin))
    return "--admin: " + *problem;
  if (candidate.interval < shortest_interval)
    return "--interval: got " + to_text(candidate.interval) + "; it takes at least " + to_text(shortest_interval);
  return std::nullopt;
}

} // namespace dispatch
