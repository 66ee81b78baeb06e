#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dispatch::tls {

/// Where gRPC was connected and found no way to talk, by the text of a call that failed: `ipv4:127.0.0.1:50051`,
/// `ipv6:[::1]:50051` or `unix:/path`. Nothing where the text is about something else, or where nothing listens there.
///
/// gRPC 1.51 writes "failed to connect to all addresses; last error: CODE: ADDRESS: WHY".
std::optional<std::string> failed_peer(std::string_view text);

/// What gRPC says of the other side of a call, as people write it: `127.0.0.1:50051`, `[::1]:50051` or `unix:/path`.
std::string readable_peer(std::string_view peer);

} // namespace dispatch::tls
