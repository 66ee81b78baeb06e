#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace dispatch::admin {

/// Where the head of a request ends in what has come so far: behind its empty line.
/// @param from where to begin to look; bytes before it hold no end
/// @returns npos while there is none
std::size_t end_of_head(std::string_view received, std::size_t from);

/// The head with its request line and those headers alone that are looked at: Host, Accept and Last-Event-ID. The HTTP
/// library acts on others by itself: it compresses, cuts out ranges (with a regular expression that takes as much stack
/// as the peer likes), waits for bodies.
///
/// A target in absolute form (`http://host/path`), as proxies send it, becomes its path, and its host the one Host.
std::string essential_head(std::string_view head);

/// Whether a Host header names this machine as people on it would: by an address, as localhost, or by a name without
/// dots. A browser that was lured to ask us under a name of the internet (DNS rebinding) says that name.
bool is_local_name(std::string_view host);

} // namespace dispatch::admin
