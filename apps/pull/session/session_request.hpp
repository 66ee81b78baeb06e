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
};

/// The line that opens the session, with its '\n'. It asks for raw payloads.
std::string hello_text(const session_request& asked);

} // namespace dispatch::pull
