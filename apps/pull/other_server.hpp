#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dispatch::pull {

/// What servers that wait for their client to speak answer, while a dispatcher throws it away.
inline constexpr std::string_view http_request = "HEAD / HTTP/1.0\r\n\r\n";

/// A server that is no dispatcher.
struct other_server {
  bool speaks_http = false;
  std::string text; ///< such as `an SSH server answers ("SSH-2.0-OpenSSH_9.2p1")`; one line of printable ASCII
};

/// Judges the first bytes that a server has sent.
/// @param bytes at least one
/// @returns nothing when they may be the beginning of a frame
std::optional<other_server> other_server_of(std::string_view bytes);

} // namespace dispatch::pull
