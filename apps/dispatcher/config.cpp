#include "apps/dispatcher/config.hpp"

#include "apps/dispatcher/duration_text.hpp"
#include "apps/dispatcher/store_options.hpp"
#include "apps/dispatcher/upstream_options.hpp"
#include "io/host_port.hpp"
#include "io/tcp/socket_options.hpp"

namespace dispatch {

namespace {

std::optional<std::string> check_peer_timeouts(const config& candidate) {
  constexpr std::chrono::seconds second{1};
  const auto dead = candidate.dead_peer_timeout;
  if (dead < io::shortest_dead_peer_timeout || dead > io::longest_dead_peer_timeout || dead % second != second * 0)
    return "--dead-peer-timeout: got " + to_text(dead) + "; it takes whole seconds, from "
           + to_text(io::shortest_dead_peer_timeout) + " to " + to_text(io::longest_dead_peer_timeout);
  const auto stall = candidate.stall_timeout;
  if (stall.count() != 0 && (stall < second || stall % second != second * 0))
    return "--stall-timeout: got " + to_text(stall) + "; it takes whole seconds, or 0 to let clients stall for ever";
  return std::nullopt;
}

/// Of an endpoint that may be left out.
std::optional<std::string> check_endpoint(const std::string& option, const std::string& address) {
  if (address == no_endpoint || io::parse_host_port(address))
    return std::nullopt;
  return option + ": got '" + address + "'; it takes host:port, [v6]:port, :port for all addresses, or none";
}

} // namespace

std::optional<std::string> validate(const config& candidate) {
  if (!io::parse_host_port(candidate.listen))
    return "--listen: got '" + candidate.listen + "'; it takes host:port, [v6]:port, or :port for all addresses";
  if (auto problem = check_endpoint("--sessions", candidate.sessions))
    return problem;
  if (auto problem = check_store(candidate.store))
    return problem;
  if (candidate.lease_ttl < std::chrono::seconds{1} || candidate.lease_ttl > std::chrono::hours{1})
    return "--lease-ttl: got " + to_text(candidate.lease_ttl) + "; it takes 1s to 1h";
  if (auto problem = check_endpoint("--admin", candidate.admin))
    return problem;
  if (candidate.dataset.empty())
    return "--dataset: got nothing; it takes a name that the dataset service knows";
  if (auto problem = check_upstream_options(candidate))
    return problem;
  if (candidate.call_timeout.count() <= 0)
    return "--call-timeout: got " + to_text(candidate.call_timeout) + "; it takes a duration above zero";
  const auto give_up_after = candidate.give_up_after;
  if (give_up_after.count() != 0 && give_up_after <= candidate.call_timeout)
    return "--give-up-after: got " + to_text(give_up_after) + "; it takes more than --call-timeout ("
           + to_text(candidate.call_timeout) + "), or 0 to wait for ever";
  return check_peer_timeouts(candidate);
}

} // namespace dispatch
