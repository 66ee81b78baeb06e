#pragma once

#include <cstdint>
#include <map>

#include "io/name_lookup.hpp"
#include "messages/name_resolver.hpp"

namespace dispatch::io {

/// See `name_resolver_actor`.
class name_resolver_state {
public:
  static inline const char* name = "name_resolver";

  explicit name_resolver_state(name_resolver_actor::pointer self) : self_(self) {}

  name_resolver_actor::behavior_type make_behavior();

private:
  caf::result<resolved_name> on_resolve(const resolve_name& request);
  void on_lookup_end(lookup_result& ended);

  name_resolver_actor::pointer self_;
  std::map<std::uint64_t, caf::typed_response_promise<resolved_name>> waiting_;
  std::uint64_t next_ = 1;
  name_lookup lookups_;
};

using name_resolver_impl = name_resolver_actor::stateful_impl<name_resolver_state>;

} // namespace dispatch::io
