#pragma once

#include <caf/typed_actor.hpp>

#include <string>

#include "messages/connection.hpp"
#include "messages/reports.hpp"
#include "messages/status_code.hpp"
#include "messages/type_ids.hpp"

namespace dispatch {

/// About a second has passed. One timer serves all consumers: CAF's clock sorts its whole table at each new entry.
struct consumer_tick {};

struct end_pass {
  status_code code = status_code::unavailable;
  std::string message;
};

/// The service stops, and takes no new consumers.
struct begin_drain {
  std::string why;
};

struct get_client_report {};

/// One connected consumer, whatever protocol it speaks: asks a batch provider for batches and passes them to its
/// connection in order.
///
/// Owner: the listener. Lifetime: until its connection is down. Errors: a batch that cannot be had becomes an error
/// message to the consumer, and its pass ends.
using consumer_actor = connection_owner_actor::extend<
  /// From the listener: check deadlines.
  caf::result<void>(consumer_tick),
  /// From the listener: those who can go on elsewhere are to leave; the others have some time to finish.
  caf::result<void>(begin_drain),
  /// From the listener: end the pass before its time, with an error message.
  caf::result<void>(end_pass),
  /// How far it is, and what it waits for.
  caf::result<client_report>(get_client_report)>;

} // namespace dispatch
