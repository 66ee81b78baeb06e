#pragma once

#include <caf/typed_actor.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace dispatch {

/// A host name whose addresses are upstreams.
struct resolve_name {
  std::string host;
  std::uint16_t port = 0;
};

/// At least one address, none twice.
struct resolved_name {
  /// Each with the port, as `host:port`.
  std::vector<std::string> addresses;
};

/// How a lookup ended.
struct lookup_result {
  std::uint64_t id = 0;
  std::vector<std::string> addresses;
  /// What went wrong, where there is no address.
  std::string problem;
};

/// Asks the system for the addresses of names.
///
/// Owner: the service. Lifetime: as long as the service. Errors: UNAVAILABLE with the system's words. A lookup takes as
/// long as the name servers do, half a minute perhaps, and is not given up.
using name_resolver_actor = caf::typed_actor<
  /// The addresses of a host.
  caf::result<resolved_name>(resolve_name),
  /// A lookup of its own has ended.
  caf::result<void>(lookup_result)>;

} // namespace dispatch
