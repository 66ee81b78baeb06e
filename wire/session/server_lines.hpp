#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wire/fingerprint.hpp"
#include "wire/group/group_spec.hpp"
#include "wire/session/client_message.hpp"
#include "wire/session/order_spec.hpp"
#include "wire/session/session_column.hpp"
#include "wire/status_code.hpp"

/// @file
/// What a session's client is told besides its batches (docs/protocol.md): one JSON object a line, with its end.

namespace dispatch {

/// What every line begins with, whatever it says.
inline constexpr std::string_view session_beginning = "{";

/// The group that a session is a member of.
struct group_welcome {
  std::string name;
  std::int64_t generation = 1;
  group_spec spec;
};

/// The answer to a `hello`.
struct welcome {
  /// Names the session in the log and on the page.
  std::string session;
  std::string dataset;
  dispatch::fingerprint fingerprint;
  /// Of an epoch; nothing where they cannot be counted.
  std::optional<std::int64_t> samples;
  /// Batches of a whole epoch for this shard.
  std::optional<std::int64_t> batches;
  std::int64_t batch_size = 0;
  /// Nothing: the session never ends.
  std::optional<std::uint64_t> epochs;
  order_spec order;
  shard_spec shard;
  std::vector<session_column> columns;
  std::string cursor;
  /// What its client is to acknowledge batches for, and how; nothing: it is not.
  std::optional<ack_mode> acks{};
  /// Nothing: it is not in a group.
  std::optional<group_welcome> group{};
};

/// What a session was given of an epoch, or of all.
struct session_tally {
  std::uint64_t batches = 0;
  std::uint64_t samples = 0;
  /// Of them those that fill up last steps.
  std::uint64_t padded = 0;
  /// What no shard is given.
  std::uint64_t dropped = 0;
  /// What was to be skipped.
  std::uint64_t skipped = 0;
};

/// Why no batch comes.
struct waiting_note {
  /// `upstream`, `group` or `store`.
  std::string on;
  std::chrono::duration<double> since{};
  std::string why;
  /// Batches of the group that are out with this session, and elsewhere.
  std::optional<std::uint64_t> own{};
  std::optional<std::uint64_t> others{};
};

std::string encode_welcome(const welcome& what);

/// An epoch is over.
/// @param cursor of the beginning of the next one
std::string encode_epoch(std::uint64_t epoch, const session_tally& given, const std::string& cursor);

/// The session is over.
std::string encode_eof(const session_tally& given, const std::string& cursor);

std::string encode_wait(const waiting_note& what);

/// The client is to go on elsewhere, or here after a while.
/// @param cursor empty: where this session was to begin
std::string encode_drain(const std::string& reason, const std::string& cursor);

/// @param cursor where another session goes on; empty: where this one was to begin
std::string encode_session_error(const failure& reason, const std::string& cursor);

std::string encode_pong();

} // namespace dispatch
