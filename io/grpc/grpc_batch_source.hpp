#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

#include "io/tls/pem_files.hpp"
#include "messages/batch_source.hpp"

namespace dispatch::io {

/// How upstreams are spoken to over TLS. All files are read anew for each connection.
struct upstream_tls {
  tls::pem_files files;
  /// A bearer token that each call carries.
  tls::file_option token_file;
};

struct grpc_options {
  /// Larger messages are refused with RESOURCE_EXHAUSTED. Room for a batch of 100 MiB and what is around it.
  std::size_t max_message_bytes = (std::size_t{100} << 20) + (std::size_t{1} << 20);
  /// Nothing: plain text.
  std::optional<upstream_tls> tls;
  /// The name that an upstream is asked by, and that its certificate has to be for. Empty: the one in its address.
  std::string authority;
  /// A connection that brings nothing for so long, although calls are under way over it, is lost. At least as long as a
  /// call may take (ADR 22).
  std::chrono::milliseconds silence_limit{10000};
};

/// A factory of sources that speak gRPC (`proto/dataset_service.proto`), each over a connection of its own. Nothing is
/// connected before the first call. Where a file cannot be used, each call of the source ends with UNAVAILABLE and a
/// message that names the file.
batch_source_factory make_grpc_batch_sources(grpc_options options);

} // namespace dispatch::io
