#pragma once

#include <caf/actor_clock.hpp>

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>

#include "actors/client.hpp"
#include "actors/metrics.hpp"
#include "messages/event_log.hpp"
#include "messages/listener.hpp"

namespace dispatch {

struct listener_options {
  /// Clients at a time; one more is told so and closed.
  std::size_t max_clients = 10000;
  client_options client;
};

/// See `listener_actor`.
class listener_state {
public:
  static inline const char* name = "listener";

  listener_state(listener_actor::pointer self, listener_options options, frame_source source, event_log_ptr log);

  /// Clients do not outlive their listener: nobody else would end them.
  ~listener_state();

  listener_state(const listener_state&) = delete;
  listener_state& operator=(const listener_state&) = delete;

  listener_actor::behavior_type make_behavior();

private:
  using time_point = caf::actor_clock::time_point;

  struct member {
    client_actor client;
    connection_actor connection;
    std::string client_id;
    std::string peer;
  };

  /// A connection without a client that has yet to close: it was refused, or its client has failed.
  struct ending {
    connection_actor connection;
    /// Nothing where the peer may take its time.
    std::optional<time_point> abort_at;
  };

  void on_opened(const connection_opened& opened);
  void refuse(const connection_opened& opened, const failure& reason);
  /// Watches a connection without a client until it is down.
  void watch_end(const connection_actor& connection, std::optional<time_point> abort_at);
  void on_down(const caf::down_msg& msg);
  void on_tick();
  /// Whoever is refused and does not close must not keep a descriptor.
  void abort_overdue();
  void schedule_tick();

  caf::result<void> on_drain(const drain_clients& request);
  /// The time to finish is over: every stream gets its error frame.
  void end_streams();
  /// The time to take the error frame is over as well.
  void abort_connections();
  void answer_drain_if_empty();

  listener_report on_get_report();

  listener_actor::pointer self_;
  listener_options options_;
  frame_source source_;
  event_log_ptr log_;
  /// By the client's address.
  std::map<caf::actor_addr, member> members_;
  std::map<caf::actor_addr, ending> ending_;
  listener_metrics metrics_;
  client_metrics_ptr client_metrics_;
  time_point started_at_;
  std::optional<caf::typed_response_promise<void>> draining_;
  std::string why_draining_;
};

using listener_impl = listener_actor::stateful_impl<listener_state>;

} // namespace dispatch
