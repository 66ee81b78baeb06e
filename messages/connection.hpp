#pragma once

#include <caf/typed_actor.hpp>

#include <string>
#include <vector>

#include "messages/client.hpp"
#include "messages/type_ids.hpp"
#include "wire/frame.hpp"

namespace dispatch {

/// Tells a connection whose it is. The connection does not outlive that client.
struct attach_client {
  client_actor client;
};

/// A frame with what belongs to one client.
struct outgoing_frame {
  frame_ptr body;
  frame_tail_ptr tail;
};

struct write_frames {
  /// In the order in which they are to leave; at least one.
  std::vector<outgoing_frame> frames;
};

/// A line that is not a shared frame: an error frame.
struct write_line {
  std::string line;
};

template <class Inspector>
bool inspect(Inspector& f, write_line& x) {
  return f.object(x).fields(f.field("line", x.line));
}

/// Ends the stream before its time: frames that have not begun to leave are dropped, an error frame for the first of
/// them takes their place, and the connection closes in order.
struct cut_short {
  status_code code = status_code::unavailable;
  std::string message;
};

template <class Inspector>
bool inspect(Inspector& f, cut_short& x) {
  return f.object(x).fields(f.field("code", x.code), f.field("message", x.message));
}

/// Closes in order when all that was written before has left.
struct finish_stream {};

template <class Inspector>
bool inspect(Inspector& f, finish_stream& x) {
  return f.object(x).fields();
}

/// Closes at once, whatever is unsent.
struct abort_connection {};

template <class Inspector>
bool inspect(Inspector& f, abort_connection& x) {
  return f.object(x).fields();
}

/// About a second has passed.
struct look_at_peer {};

template <class Inspector>
bool inspect(Inspector& f, look_at_peer& x) {
  return f.object(x).fields();
}

/// One socket and what waits to be sent on it.
///
/// Owner: its client (before that: the listener). Lifetime: until the peer is gone, the stream was finished, or the
/// client is down. Errors: a lost peer ends it; who needs to know monitors it.
using connection_actor = caf::typed_actor<
  /// Names the client that owns the connection and gets `frames_written`.
  caf::result<void>(attach_client),
  /// Queues frames; `frames_written` tells the client what of them has left.
  caf::result<void>(write_frames),
  /// Queues a line; not reported.
  caf::result<void>(write_line),
  /// There is no time for what is queued.
  caf::result<void>(cut_short),
  /// From the server: see whether the peer is still there. One timer serves all connections.
  caf::result<void>(look_at_peer),
  /// No more frames will come.
  caf::result<void>(finish_stream),
  /// Drop everything.
  caf::result<void>(abort_connection)>;

} // namespace dispatch
