#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// @file
/// What a dispatcher says in a session (docs/protocol.md, "Sessions"), read by a client.

namespace dispatch::pull {

/// A column as `welcome` describes it.
struct session_column_info {
  std::string name;
  /// NumPy's name; empty where it is not known.
  std::string dtype;
  /// Of one sample; nothing where samples have no fixed size.
  std::optional<std::vector<std::int64_t>> shape;

  /// Bytes of one sample; 0 where that cannot be known.
  std::uint64_t row_bytes() const;
};

/// A shuffle that is in force.
struct session_shuffle {
  std::uint64_t seed = 0;
  std::int64_t window = 0;
  std::int64_t block = 0;
};

struct welcome_line {
  std::string session;
  std::string dataset;
  /// 16 hexadecimal digits; empty: unknown.
  std::string fingerprint;
  /// Of an epoch; nothing where they cannot be counted.
  std::optional<std::int64_t> samples;
  /// Of a whole epoch for this shard.
  std::optional<std::int64_t> batches;
  std::int64_t batch_size = 0;
  /// Nothing: the session never ends.
  std::optional<std::uint64_t> epochs;
  std::optional<session_shuffle> shuffle;
  std::int64_t shard_index = 0;
  std::int64_t shard_count = 1;
  std::vector<session_column_info> columns;
  std::string cursor;
  /// Whose batches are shared; empty: none.
  std::string group;
};

/// Where a column is in a payload, in bytes.
struct column_place {
  std::string name;
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
};

struct batch_line {
  std::uint64_t seq = 0;
  std::uint64_t epoch = 0;
  std::int64_t position = 0;
  /// Nothing where they cannot be counted.
  std::optional<std::int64_t> samples;
  /// The place behind this batch.
  std::string cursor;
  std::vector<column_place> columns;
  std::uint64_t payload_bytes = 0;
  std::optional<std::uint32_t> crc32;
  /// Whether a member of the group may have had it before.
  bool is_redelivered = false;
};

/// What a session was given of an epoch, or of all.
struct given_counts {
  std::uint64_t batches = 0;
  std::uint64_t samples = 0;
  std::uint64_t padded = 0;
  std::uint64_t dropped = 0;
  std::uint64_t skipped = 0;
};

struct epoch_line {
  std::uint64_t epoch = 0;
  given_counts given;
  std::string cursor;
};

struct eof_line {
  given_counts given;
  std::string cursor;
};

struct wait_line {
  /// On whom the client waits, such as `upstream`.
  std::string on;
  double seconds = 0;
  std::string why;
};

struct drain_line {
  std::string message;
  std::string cursor;
};

struct error_line {
  /// gRPC's name of it.
  std::string code;
  std::string message;
  /// Empty before the `welcome`.
  std::string cursor;
};

struct pong_line {};

/// What is wrong with a line.
struct malformed_line {
  /// A clause such as `"seq" is missing`; one line of printable ASCII.
  std::string reason;
};

using server_line = std::variant<welcome_line, batch_line, epoch_line, eof_line, wait_line, drain_line, error_line,
                                 pong_line, malformed_line>;

/// Reads one line of the server. Members that are unknown are ignored; an unknown `type` is malformed.
/// @param line without its '\n'; any bytes
server_line parse_server_line(std::string_view line);

} // namespace dispatch::pull
