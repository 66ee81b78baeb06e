#pragma once

#include "io/host_port.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace dispatch::pull {

/// Where a server is.
using endpoint = io::host_port;

/// Reads `host:port`, `host`, `:port` and the same with `[v6 address]` as host. What is left out is
/// `localhost` and `default_port`.
/// @returns nothing when the text is something else or the port is not within 1..65535
std::optional<endpoint> parse_endpoint(std::string_view text, std::uint16_t default_port = 8080);

} // namespace dispatch::pull
