#pragma once

#include <caf/timespan.hpp>
#include <caf/typed_actor.hpp>

#include <cstdint>
#include <string>

#include "messages/frame_source.hpp"
#include "messages/reports.hpp"
#include "messages/status_code.hpp"
#include "messages/type_ids.hpp"

namespace dispatch {

/// Frames have left for the kernel; none: some of the bytes of one that has not left whole.
struct frames_written {
  std::uint32_t frames = 0;
  std::uint64_t bytes = 0;
};

template <class Inspector>
bool inspect(Inspector& f, frames_written& x) {
  return f.object(x).fields(f.field("frames", x.frames), f.field("bytes", x.bytes));
}

/// About a second has passed. One timer serves all clients: CAF's clock sorts its whole table at each new entry.
struct client_tick {};

template <class Inspector>
bool inspect(Inspector& f, client_tick& x) {
  return f.object(x).fields();
}

/// The consumer has taken no byte for longer than it may, although some wait for it.
struct peer_stalled {
  caf::timespan limit{};
};

template <class Inspector>
bool inspect(Inspector& f, peer_stalled& x) {
  return f.object(x).fields(f.field("limit", x.limit));
}

/// Ends a stream before its time, with an error frame.
struct end_stream {
  status_code code = status_code::unavailable;
  std::string message;
};

template <class Inspector>
bool inspect(Inspector& f, end_stream& x) {
  return f.object(x).fields(f.field("code", x.code), f.field("message", x.message));
}

struct get_client_report {};

template <class Inspector>
bool inspect(Inspector& f, get_client_report& x) {
  return f.object(x).fields();
}

/// One connected consumer: asks a frame source for what its window has room for, and passes frames to its connection in
/// order.
///
/// Owner: the listener. Lifetime: until its connection is down. Errors: a batch that cannot be had becomes an error
/// frame, and the stream ends.
using client_actor = caf::typed_actor<
  /// From the connection: there is room in the window again.
  caf::result<void>(frames_written),
  /// From the listener: look after deadlines.
  caf::result<void>(client_tick),
  /// From the connection: this consumer is not waited for any longer.
  caf::result<void>(peer_stalled),
  /// From the listener: the service stops.
  caf::result<void>(end_stream),
  /// How far it is, and whom it waits for.
  caf::result<client_report>(get_client_report)>;

} // namespace dispatch
