#pragma once

#include <chrono>

#include "io/tcp/peer_check.hpp"

namespace dispatch::io {

enum class peer_presence {
  /// It reads its stream, or nothing says that it does not.
  present,
  /// It has closed the connection.
  gone,
  /// It has closed its sending side at least. When it has been sent something, the kernel learns whether it reads.
  unknown,
};

/// A peer that does not acknowledge the beginning of its stream for so long counts as present: its connection finds
/// out, as it does during a stream.
constexpr std::chrono::milliseconds longest_doubt{1000};

/// Whether a peer is there whose stream has not begun. It may have been sent the bytes that every stream begins with.
/// @param waited time since it connected
peer_presence presence_of(const peer_sample& seen, std::chrono::milliseconds waited);

} // namespace dispatch::io
