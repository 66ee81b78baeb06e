#pragma once

#include <grpc/grpc.h>

namespace dispatch::io {

/// Keeps gRPC's threads until the end of the process. Otherwise they stop when its last user goes, which waits up to 10
/// s if one of them watches a connection that could not take all of a large message at once; and a fetcher that is the
/// last user goes at every restart. The process's end needs none of it.
inline void keep_grpc_running() {
  static const auto kept = (grpc_init(), true);
  static_cast<void>(kept);
}

} // namespace dispatch::io
