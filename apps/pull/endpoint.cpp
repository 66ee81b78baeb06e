#include "apps/pull/endpoint.hpp"

#include <string>

namespace dispatch::pull {

std::optional<endpoint> parse_endpoint(std::string_view text, std::uint16_t default_port) {
  auto port_is_missing = !text.empty() && (text.find(':') == std::string_view::npos || text.back() == ']');
  auto result = io::parse_host_port(std::string{text} + (port_is_missing ? ":" + std::to_string(default_port) : ""));
  if (!result || result->port == 0)
    return std::nullopt;
  if (result->host.empty())
    result->host = "localhost";
  return result;
}

} // namespace dispatch::pull
