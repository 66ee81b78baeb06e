#include "io/name_resolver.hpp"

#include <caf/all.hpp>

#include "messages/status_code.hpp"

namespace dispatch::io {

name_resolver_actor::behavior_type name_resolver_state::make_behavior() {
  return {
    [this](const resolve_name& request) { return on_resolve(request); },
    [this](lookup_result& ended) { on_lookup_end(ended); },
  };
}

caf::result<resolved_name> name_resolver_state::on_resolve(const resolve_name& request) {
  auto promise = self_->make_response_promise<resolved_name>();
  const auto id = next_++;
  waiting_.emplace(id, promise);
  lookups_.start(request.host, request.port, [to = name_resolver_actor{self_}, id](const name_lookup::result& found) {
    caf::anon_send(to, lookup_result{id, found.addresses, found.problem});
  });
  return promise;
}

void name_resolver_state::on_lookup_end(lookup_result& ended) {
  auto promise = waiting_.extract(ended.id);
  if (promise.empty())
    return;
  if (ended.addresses.empty())
    promise.mapped().deliver(make_error(failure{status_code::unavailable, ended.problem}));
  else
    promise.mapped().deliver(resolved_name{std::move(ended.addresses)});
}

} // namespace dispatch::io
