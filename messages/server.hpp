#pragma once

#include <caf/typed_actor.hpp>

#include "messages/reports.hpp"
#include "messages/type_ids.hpp"

namespace dispatch {

struct stop_accepting {};

/// A connection's reminder to itself: its peer had its time to close.
struct linger_over {};

/// The server's reminder to itself: have some peers checked, and see whether there are descriptors again.
struct check_some_peers {};

/// From the multiplexer: a socket can be read from.
struct socket_readable {};

/// From the multiplexer: a socket can be written to.
struct socket_writable {};

/// From the multiplexer: a socket has failed.
struct socket_failed {};

/// Owns the listening socket and turns accepted sockets into connections. Has each check its peer from time to time.
///
/// Owner: the service. Lifetime: until it is told to stop and its last connection is down. Errors: a socket that cannot
/// be had ends it with a reason.
using server_actor = caf::typed_actor<
  /// Close the listening socket; connections are not touched.
  caf::result<void>(stop_accepting),
  /// Its state is `accepting`, `paused` or `stopping`.
  caf::result<actor_report>(get_actor_report)>;

} // namespace dispatch
