#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dispatch {

/// An address of a name: an upstream that is connected to by its address and asked by its name (ADR 27).
struct named_address {
  std::string name;
  /// `host:port`.
  std::string address;

  friend bool operator==(const named_address& a, const named_address& b) {
    return a.name == b.name && a.address == b.address;
  }
};

/// Writes `NAME/host:port`. A name has no slash.
std::string to_string(const named_address& upstream);

/// Reads that form. Nothing where `text` is another one, such as `host:port` or `unix:path`.
std::optional<named_address> parse_named_address(std::string_view text);

} // namespace dispatch
