#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace dispatch::io {

/// Pieces of memory that follow each other on a connection.
struct gather_list {
  std::array<std::string_view, 64> pieces;
  std::size_t count = 0;
};

/// Gives bytes to the kernel straight from where they lie, as many as it takes without waiting.
/// @returns how many; nothing where the socket has failed
std::optional<std::size_t> gather_send(int fd, const gather_list& list);

} // namespace dispatch::io
