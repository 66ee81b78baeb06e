#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace dispatch {

/// How many threads gRPC runs in a process on this machine, and how many more it may start at times.
std::size_t grpc_threads();

/// Finds out whether the process can run `needed` threads at a time, by running them. For the beginning of main: gRPC
/// and CAF hang or abort where a thread cannot be started.
/// @returns one line that says what is missing; nothing where all can run
std::optional<std::string> missing_threads(std::size_t needed);

} // namespace dispatch
