#pragma once

#include <optional>
#include <string>

#include "apps/dispatcher/config.hpp"
#include "io/grpc/grpc_batch_source.hpp"

namespace dispatch {

/// Checks where the upstreams are and how they are spoken to. Reads the files that are named, as each connection will.
/// @returns one line that names the option, what it got and what it takes; nothing where all is well
std::optional<std::string> check_upstream_options(const config& candidate);

/// How the upstreams are spoken to. The dataset service inside the process is spoken to in plain text.
io::grpc_options grpc_options_of(const config& values);

} // namespace dispatch
