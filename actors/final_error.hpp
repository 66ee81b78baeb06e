#pragma once

#include <caf/all.hpp>

#include <chrono>
#include <cstdint>
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

/// Ends a connection before its time: messages that have not begun to leave are dropped, and an error message for the
/// first of them takes their place. Does nothing where all has left.
template <class Self>
void send_final_error(Self self, connection_actor connection, consumer_protocol_ptr protocol, failure reason) {
  // A connection that is down never answers.
  constexpr std::chrono::seconds timeout{5};
  self->request(connection, timeout, drop_unsent{})
    .then(
      [=](const unsent_dropped& left) {
        if (!left.is_complete)
          send_error(self, connection, *protocol, static_cast<std::int32_t>(left.messages), reason);
      },
      [](const caf::error&) {});
}

} // namespace dispatch
