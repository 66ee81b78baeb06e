#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "apps/pull/frame.hpp"

namespace dispatch::bench {

/// What a session's client is told.
enum class session_word { welcome, batch, epoch, eof, wait, drain, error };

/// What one line of a session says, as far as its order can be checked by it.
struct session_note {
  session_word what = session_word::welcome;
  std::int64_t number = 0;                 ///< `seq` of a batch, `batches` of an epoch and of the end
  std::int64_t epoch = 0;                  ///< of a batch, and of an epoch that is over
  bool is_redelivered = false;             ///< a member of the group may have had the batch before
  std::optional<pull::stream_error> error; ///< the message as it was sent, with its escapes
};

/// `payload_bytes` of a line; nothing where no payload follows. It is looked for from the end, where it stands.
std::optional<std::uint64_t> payload_bytes_of(std::string_view line);

/// Reads a line without its end. Members are found by their names, and the line is not parsed: a quote within a text
/// has an escape, so that no text holds a member's name with its quotes.
/// @returns nothing where it is no line of a session
std::optional<session_note> read_session_note(std::string_view line);

} // namespace dispatch::bench
