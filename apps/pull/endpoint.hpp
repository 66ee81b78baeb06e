#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dispatch::pull {

/// A TCP address as people write it.
struct endpoint {
  std::string host; ///< a name or an address, without brackets
  std::uint16_t port = 0;

  /// `host:port`, an IPv6 address in brackets.
  std::string text() const;
};

/// Reads `host:port`, `host`, `:port` and the same with `[v6 address]` as host. What is left out is
/// `localhost` and 8080.
/// @returns nothing when the text is something else or the port is not within 1..65535
std::optional<endpoint> parse_endpoint(std::string_view text);

} // namespace dispatch::pull
