#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dispatch::io {

/// An address as people write it: `host:port`, `[v6]:port`, or `:port` for all addresses of this machine.
struct host_port {
  /// Without brackets; empty for all addresses.
  std::string host;
  std::uint16_t port = 0;

  friend bool operator==(const host_port& a, const host_port& b) { return a.host == b.host && a.port == b.port; }
};

/// Reads an address. Nothing where `text` is not one.
std::optional<host_port> parse_host_port(std::string_view text);

/// Writes an address in the form that `parse_host_port` reads. A v4 address that is mapped into v6 is written as v4.
std::string to_string(const host_port& address);

} // namespace dispatch::io
