#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <variant>
#include <vector>

#include "wire/session/cursor.hpp"
#include "wire/session/order_spec.hpp"
#include "wire/status_code.hpp"

/// @file
/// What the client of a session says (docs/protocol.md): one JSON object a line.

namespace dispatch {

/// The version of the session protocol.
inline constexpr int session_version = 1;

/// Epochs of sessions are less.
inline constexpr std::uint64_t most_epochs = std::uint64_t{1} << 53;

/// The most bytes of a client's line.
inline constexpr std::size_t longest_client_line = std::size_t{64} << 10;

/// A shuffle as it is asked for. What is left open follows from the dataset.
struct wanted_shuffle {
  std::uint64_t seed = 0;
  std::optional<std::int64_t> window;
  std::optional<std::int64_t> block;
};

/// A place in a dataset's order.
struct epoch_position {
  std::uint64_t epoch = 0;
  std::int64_t position = 0;

  friend bool operator==(epoch_position a, epoch_position b) { return a.epoch == b.epoch && a.position == b.position; }
  friend bool operator<(epoch_position a, epoch_position b) {
    return std::tie(a.epoch, a.position) < std::tie(b.epoch, b.position);
  }
};

enum class payload_form : std::uint8_t { base64, raw };

/// What a client's acknowledgement says.
enum class ack_mode : std::uint8_t {
  /// The batch and all batches before it were used.
  next,
  /// This batch was.
  each,
};

/// The group whose batches a session shares.
struct wanted_group {
  std::string name;
  bool has_barrier = false;
  std::chrono::seconds ack_wait{30};
  /// 0: without a limit.
  std::uint32_t max_deliver = 0;
};

/// The position that the dispatcher keeps for a session.
struct wanted_position {
  std::string name;
  /// Whether the session begins there, where there is one.
  bool is_resumed = false;
};

/// Opens a session. What is not there takes its default.
struct hello {
  /// A name for people; empty: the peer's address.
  std::string client;
  std::optional<std::string> dataset;
  std::optional<std::int64_t> batch_size;
  std::optional<wanted_shuffle> shuffle;
  shard_spec shard;
  /// The session ends before this epoch; 0: never. Nothing: with the epoch that it begins in.
  std::optional<std::uint64_t> epochs;
  epoch_end ends = epoch_end::uneven;
  /// Where it begins; nothing: at the beginning.
  std::variant<std::monostate, session_cursor, epoch_position> start;
  std::vector<skipped_range> skips;
  /// Empty: all.
  std::vector<std::string> columns;
  payload_form payload = payload_form::base64;
  bool has_checksum = false;
  /// Batches that may be ahead of the socket, and of a group those that may be unacknowledged; nothing: as many as the
  /// consumer keeps up with.
  std::optional<std::size_t> window;
  std::optional<wanted_group> group;
  std::optional<wanted_position> position;
  ack_mode acks = ack_mode::next;

  /// Whether its client acknowledges batches.
  bool has_acks() const noexcept { return group || position; }
};

/// Batches were used.
struct ack {
  /// Of this session, in any order.
  std::vector<std::uint64_t> sequences;
  /// Of a batch of this session, in place of `sequences`.
  std::optional<session_cursor> cursor;
};

/// Asks for a `pong`.
struct ping {};

/// Ends the session.
struct bye {};

using client_message = std::variant<hello, ack, ping, bye>;

/// Reads one line.
/// @returns the message, or what is wrong with it, in words for whoever writes the client
std::variant<client_message, failure> parse_client_message(std::string_view line);

} // namespace dispatch
