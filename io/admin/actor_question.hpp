#pragma once

#include <caf/actor_system.hpp>
#include <caf/error.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/unit.hpp>

#include <chrono>
#include <type_traits>
#include <utility>
#include <variant>

namespace dispatch::admin {

/// Asks an actor from a thread, and waits for the answer.
/// @tparam Reply `caf::unit_t` for an answer without a value
/// @returns what is wrong where there is no answer within `timeout`
template <class Reply, class Handle, class Request>
std::variant<Reply, caf::error> ask(caf::actor_system& system, const Handle& whom, std::chrono::milliseconds timeout,
                                    const Request& what) {
  // Hidden: it does not count among the actors that run.
  caf::scoped_actor self{system, true};
  std::variant<Reply, caf::error> result;
  auto response = self->request(whom, timeout, what);
  const auto fail = [&](caf::error& problem) { result = std::move(problem); };
  if constexpr (std::is_same_v<Reply, caf::unit_t>)
    response.receive([] {}, fail);
  else
    response.receive([&](Reply& reply) { result = std::move(reply); }, fail);
  return result;
}

} // namespace dispatch::admin
