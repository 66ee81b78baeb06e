#include "messages/named_address.hpp"

namespace dispatch {

namespace {

constexpr char separator = '/';

/// The path of a socket has slashes as well.
constexpr std::string_view unix_prefix = "unix:";

} // namespace

std::string to_string(const named_address& upstream) {
  return upstream.name + separator + upstream.address;
}

std::optional<named_address> parse_named_address(std::string_view text) {
  const auto slash = text.find(separator);
  if (slash == std::string_view::npos || text.substr(0, unix_prefix.size()) == unix_prefix)
    return std::nullopt;
  return named_address{std::string{text.substr(0, slash)}, std::string{text.substr(slash + 1)}};
}

} // namespace dispatch
