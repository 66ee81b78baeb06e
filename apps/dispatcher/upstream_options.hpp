#pragma once

#include <optional>
#include <string>
#include <vector>

#include "actors/pool/core.hpp"
#include "apps/dispatcher/config.hpp"
#include "io/grpc/grpc_batch_source.hpp"

namespace dispatch {

/// Where the upstreams are.
struct upstream_places {
  /// `host:port` or `unix:path`: one upstream each.
  std::vector<std::string> addresses;
  /// Each address of a name is an upstream.
  std::vector<upstream_name> names;
};

/// Sorts out what is configured, which `check_upstream_options` has found well-formed.
upstream_places upstreams_of(const config& values);

/// Checks where the upstreams are and how they are spoken to. Reads the files that are named, as each connection will.
/// @returns one line that names the option, what it got and what it takes; nothing where all is well
std::optional<std::string> check_upstream_options(const config& candidate);

/// How the upstreams are spoken to. The dataset service inside the process is spoken to in plain text.
io::grpc_options grpc_options_of(const config& values);

} // namespace dispatch
