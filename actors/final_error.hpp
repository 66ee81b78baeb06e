#pragma once

#include <caf/all.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

#include "messages/connection.hpp"
#include "wire/consumer_protocol.hpp"

namespace dispatch {

/// Queues an error message for batch `index` and the end behind all that is queued.
template <class Self>
void send_error(Self self, const connection_actor& connection, const consumer_protocol& protocol, std::int32_t index,
                const failure& reason) {
  send_pieces last;
  protocol.encode_error(index, reason, last.pieces);
  self->send(connection, std::move(last));
  self->send(connection, finish_sending{});
}

/// Drops the messages of a connection that have not begun to leave. Unless all has left, `replace` is then called with
/// the number of those that have, to queue what takes the place of the others.
template <class Self, class Replace>
void replace_unsent(Self self, const connection_actor& connection, Replace replace) {
  // A connection that is down never answers.
  constexpr std::chrono::seconds timeout{5};
  self->request(connection, timeout, drop_unsent{})
    .then(
      [replace = std::move(replace)](const unsent_dropped& left) {
        if (!left.is_complete)
          replace(left.messages);
      },
      [](const caf::error&) {});
}

/// Ends a connection before its time: an error message takes the place of what has not begun to leave.
template <class Self>
void send_final_error(Self self, connection_actor connection, consumer_protocol_ptr protocol, failure reason) {
  replace_unsent(self, connection, [=](std::uint64_t left) {
    send_error(self, connection, *protocol, static_cast<std::int32_t>(left), reason);
  });
}

/// Why the pass or session of a peer ends that takes nothing.
inline failure stalled_failure(const peer_stalled& stall) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(stall.limit).count();
  return {status_code::deadline_exceeded, "took nothing for " + std::to_string(seconds) + " s (--stall-timeout)"};
}

} // namespace dispatch
