#pragma once

#include <caf/timespan.hpp>
#include <caf/typed_actor.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

#include "messages/type_ids.hpp"
#include "wire/consumer_protocol.hpp"

namespace dispatch {

// -- what a connection tells its owner

/// Messages have left for the kernel. None: some of the bytes of one that has not left whole.
struct messages_sent {
  std::uint32_t messages = 0;
  std::uint64_t bytes = 0;
};

template <class Inspector>
bool inspect(Inspector& f, messages_sent& x) {
  return f.object(x).fields(f.field("messages", x.messages), f.field("bytes", x.bytes));
}

/// Bytes have come from the peer.
struct input_received {
  std::string bytes;
};

template <class Inspector>
bool inspect(Inspector& f, input_received& x) {
  return f.object(x).fields(f.field("bytes", x.bytes));
}

/// The peer has closed its sending side. It may go on to receive.
struct input_ended {};

template <class Inspector>
bool inspect(Inspector& f, input_ended& x) {
  return f.object(x).fields();
}

/// The peer has taken no byte for longer than it may, although some wait for it.
struct peer_stalled {
  caf::timespan limit{};
};

template <class Inspector>
bool inspect(Inspector& f, peer_stalled& x) {
  return f.object(x).fields(f.field("limit", x.limit));
}

/// The actor that a connection works for.
using connection_owner_actor = caf::typed_actor<
  /// There is room for more messages.
  caf::result<void>(messages_sent),
  /// As many bytes as this are gone from the credit that was given.
  caf::result<void>(input_received),
  /// No input will come any more.
  caf::result<void>(input_ended),
  /// The connection waits on; the owner may end it.
  caf::result<void>(peer_stalled)>;

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

template <class Inspector>
bool inspect(Inspector& f, allow_input& x) {
  return f.object(x).fields(f.field("bytes", x.bytes));
}

struct drop_unsent {};

template <class Inspector>
bool inspect(Inspector& f, drop_unsent& x) {
  return f.object(x).fields();
}

/// What is left after messages were dropped.
struct unsent_dropped {
  /// Number of messages since the beginning that have left, or have begun to.
  std::uint64_t messages = 0;
  /// Whether the last of them has, and the owner had said that no more will come.
  bool is_complete = false;
};

template <class Inspector>
bool inspect(Inspector& f, unsent_dropped& x) {
  return f.object(x).fields(f.field("messages", x.messages), f.field("is_complete", x.is_complete));
}

struct finish_sending {};

template <class Inspector>
bool inspect(Inspector& f, finish_sending& x) {
  return f.object(x).fields();
}

struct abort_connection {};

template <class Inspector>
bool inspect(Inspector& f, abort_connection& x) {
  return f.object(x).fields();
}

struct check_peer {};

template <class Inspector>
bool inspect(Inspector& f, check_peer& x) {
  return f.object(x).fields();
}

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
  /// From the server, about once a second: see whether the peer is still there. One timer serves all connections.
  caf::result<void>(check_peer),
  /// Closes in order when all that was queued before has left.
  caf::result<void>(finish_sending),
  /// Closes at once, whatever is unsent.
  caf::result<void>(abort_connection)>;

} // namespace dispatch
