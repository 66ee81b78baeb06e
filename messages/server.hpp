#pragma once

#include <caf/typed_actor.hpp>

#include "messages/reports.hpp"
#include "messages/type_ids.hpp"

namespace dispatch {

struct stop_accepting {};

template <class Inspector>
bool inspect(Inspector& f, stop_accepting& x) {
  return f.object(x).fields();
}

/// A connection's reminder to itself: its peer had its time to close.
struct linger_over {};

template <class Inspector>
bool inspect(Inspector& f, linger_over& x) {
  return f.object(x).fields();
}

/// The server's reminder to itself: have some peers checked, and see whether there are descriptors again.
struct check_some_peers {};

template <class Inspector>
bool inspect(Inspector& f, check_some_peers& x) {
  return f.object(x).fields();
}

/// From the multiplexer: a socket can be read from.
struct socket_readable {};

template <class Inspector>
bool inspect(Inspector& f, socket_readable& x) {
  return f.object(x).fields();
}

/// From the multiplexer: a socket can be written to.
struct socket_writable {};

template <class Inspector>
bool inspect(Inspector& f, socket_writable& x) {
  return f.object(x).fields();
}

/// From the multiplexer: a socket has failed.
struct socket_failed {};

template <class Inspector>
bool inspect(Inspector& f, socket_failed& x) {
  return f.object(x).fields();
}

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
