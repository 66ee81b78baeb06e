#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dispatch::pull {

/// What a session is asked for. What is not there is left to the dispatcher.
struct session_request {
  std::string client;
  std::optional<std::string> dataset;
  std::optional<std::int64_t> batch_size; ///< samples
  std::optional<std::uint64_t> seed;      ///< nothing: the dataset's own order
  std::optional<std::int64_t> window;     ///< blocks whose samples are mixed
  std::int64_t shard_index = 0;
  std::int64_t shard_count = 1;
  std::optional<std::uint64_t> epochs; ///< 0: no end
  std::string ends;                    ///< `uneven`, `drop` or `pad`; empty: the default
  std::string start;                   ///< a cursor; empty: the beginning
  std::vector<std::string> columns;    ///< empty: all
  bool has_checksum = false;
  std::string group;    ///< whose batches are shared; empty: none
  std::string position; ///< the name of a position that the dispatcher keeps; empty: none
  bool has_barrier = false;
  std::optional<std::int64_t> ack_wait; ///< seconds
  std::optional<std::int64_t> max_deliver;
  /// Batches that are acknowledged together; 0: all of them, at the end.
  std::int64_t ack_every = 1;

  /// Whether batches are acknowledged.
  bool has_acks() const { return !group.empty() || !position.empty(); }
};

/// The line that acknowledges a batch and all before it.
std::string ack_text(std::uint64_t sequence);

/// The line that is answered when all acknowledgements before it are kept.
std::string ping_text();

/// The line that opens the session, with its '\n'. It asks for raw payloads.
std::string hello_text(const session_request& asked);

} // namespace dispatch::pull
