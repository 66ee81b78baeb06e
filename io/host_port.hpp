#pragma once

#include <cstddef>
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

/// The path in `unix:path`. Nothing where `text` is something else.
std::optional<std::string> parse_unix_path(std::string_view text);

/// The name in `dns:name:port`, with its port. Nothing where `text` is something else; a host may be called `dns`.
std::optional<host_port> parse_dns_name(std::string_view text);

/// How long the path of a socket may be: what the kernel has room for.
inline constexpr std::size_t longest_unix_path = 107;

/// Writes an address in the form that `parse_host_port` reads. A v4 address that is mapped into v6 is written as v4.
std::string to_string(const host_port& address);

} // namespace dispatch::io
