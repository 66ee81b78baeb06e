#pragma once

#include <caf/timespan.hpp>
#include <caf/typed_actor.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

#include "messages/type_ids.hpp"
#include "wire/pieces.hpp"

namespace dispatch {

// -- what a connection tells its owner

/// Messages have left for the kernel. None: some of the bytes of one that has not left whole.
struct messages_sent {
  std::uint32_t messages = 0;
  std::uint64_t bytes = 0;
};

/// Bytes have come from the peer.
struct input_received {
  std::string bytes;
};

/// The peer has closed its sending side. It may go on to receive.
struct input_ended {};

/// The peer has taken no byte for longer than it may, although some wait for it.
struct peer_stalled {
  caf::timespan limit{};
};

/// The peer is gone without having closed, and with it the connection.
struct peer_lost {
  /// What the kernel says of it, or that the peer takes nothing any more.
  std::string why;
};

/// The actor that a connection works for.
using connection_owner_actor = caf::typed_actor<
  /// There is room for more messages.
  caf::result<void>(messages_sent),
  /// As many bytes as this are gone from the credit that was given.
  caf::result<void>(input_received),
  /// No input will come any more.
  caf::result<void>(input_ended),
  /// The connection waits on; the owner may end it.
  caf::result<void>(peer_stalled),
  /// The last that it hears.
  caf::result<void>(peer_lost)>;

// -- what a connection is told

struct attach_owner {
  connection_owner_actor owner;
};

struct send_pieces {
  /// Whole messages, in the order in which they are to leave; at least one.
  dispatch::pieces pieces;
};

struct allow_input {
  std::size_t bytes = 0;
};

struct drop_unsent {};

/// What is left after messages were dropped.
struct unsent_dropped {
  /// Number of messages since the beginning that have left, or have begun to.
  std::uint64_t messages = 0;
  /// Whether the last of them has, and the owner had said that no more will come.
  bool is_complete = false;
};

struct finish_sending {};

struct abort_connection {};

struct check_peer {
  /// How many connections share the kernel's memory with this one, itself included.
  std::size_t connections = 1;
};

/// One socket: bytes that wait to be sent on it, and bytes that come from it. It knows no protocol.
///
/// Owner: the consumer's actor; the listener where there is none. Lifetime: until the peer is gone, all was sent and
/// the peer has closed or had its time to, or it is aborted. Errors: a lost peer ends it normally, a failure of its own
/// with a reason; monitor it to know.
using connection_actor = caf::typed_actor<
  /// Names the actor that hears what happens here.
  caf::result<void>(attach_owner),
  /// Queues messages; `messages_sent` tells the owner what of them has left.
  caf::result<void>(send_pieces),
  /// Reads so many bytes more. Without that nothing is read, and a peer that sends is held up.
  caf::result<void>(allow_input),
  /// Drops the messages that have not begun to leave, and forgets a `finish_sending` where there were any.
  caf::result<unsent_dropped>(drop_unsent),
  /// From the server, about once a second: see whether the peer is still there, and take a fair share of the kernel's
  /// memory. One timer serves all connections.
  caf::result<void>(check_peer),
  /// Closes in order when all that was queued before has left.
  caf::result<void>(finish_sending),
  /// Closes at once, whatever is unsent.
  caf::result<void>(abort_connection)>;

} // namespace dispatch
