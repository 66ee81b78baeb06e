#include "io/tls/failed_peer.hpp"

#include <array>
#include <utility>

namespace dispatch::tls {

namespace {

constexpr std::string_view beginning = "failed to connect to all addresses; last error: ";

/// What gRPC says where there was no connection.
constexpr std::array<std::string_view, 2> nothing_there{"Failed to connect to remote host",
                                                        "No such file or directory"};

constexpr std::string_view v4_kind = "ipv4:";
constexpr std::string_view v6_kind = "ipv6:";
constexpr std::array<std::string_view, 3> kinds{v4_kind, v6_kind, "unix:"};

bool begins_with(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

/// gRPC writes the brackets of a v6 address as in a URI.
std::string with_brackets(std::string_view address) {
  std::string result{address};
  for (const auto& [escape, bracket] : {std::pair{"%5B", "["}, std::pair{"%5D", "]"}})
    if (const auto at = result.find(escape); at != std::string::npos)
      result.replace(at, 3, bracket);
  return result;
}

} // namespace

std::optional<std::string> failed_peer(std::string_view text) {
  if (!begins_with(text, beginning))
    return std::nullopt;
  const auto code_end = text.find(": ", beginning.size());
  if (code_end == std::string_view::npos)
    return std::nullopt;
  const auto rest = text.substr(code_end + 2);
  const auto address_end = rest.find(": ");
  if (address_end == std::string_view::npos)
    return std::nullopt;
  for (const auto why : nothing_there)
    if (begins_with(rest.substr(address_end + 2), why))
      return std::nullopt;
  for (const auto kind : kinds)
    if (begins_with(rest, kind))
      return with_brackets(rest.substr(0, address_end));
  return std::nullopt;
}

std::string readable_peer(std::string_view peer) {
  if (begins_with(peer, v4_kind) || begins_with(peer, v6_kind))
    peer.remove_prefix(v4_kind.size());
  return with_brackets(peer);
}

} // namespace dispatch::tls
