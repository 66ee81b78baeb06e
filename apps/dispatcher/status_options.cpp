#include "apps/dispatcher/status_options.hpp"

#include "apps/dispatcher/duration_text.hpp"
#include "io/host_port.hpp"

namespace dispatch {

namespace {

constexpr std::chrono::milliseconds shortest_interval{100};

} // namespace

std::optional<std::string> validate(const status_options& candidate) {
  const auto address = io::parse_host_port(candidate.admin);
  if (!address || address->port == 0)
    return "--admin: got '" + candidate.admin + "'; it takes host:port of a dispatcher that runs";
  if (candidate.interval < shortest_interval)
    return "--interval: got " + to_text(candidate.interval) + "; it takes at least " + to_text(shortest_interval);
  return std::nullopt;
}

} // namespace dispatch
