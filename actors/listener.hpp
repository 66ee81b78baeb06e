#pragma once

#include <caf/actor_clock.hpp>

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "actors/consumer_port.hpp"
#include "actors/metrics.hpp"
#include "messages/event_log.hpp"
#include "messages/listener.hpp"

namespace dispatch {

struct listener_options {
  /// Clients at a time; one more is told so and closed.
  std::size_t max_clients = 10000;
  /// By the number in `connection_opened`.
  std::vector<consumer_port> ports;
};

/// See `listener_actor`.
class listener_state {
public:
  static inline const char* name = "listener";

  listener_state(listener_actor::pointer self, listener_options options, event_log_ptr log);

  /// Clients do not outlive their listener, which alone ends them.
  ~listener_state();

  listener_state(const listener_state&) = delete;
  listener_state& operator=(const listener_state&) = delete;

  listener_actor::behavior_type make_behavior();

private:
  using time_point = caf::actor_clock::time_point;

  struct member {
    consumer_actor client;
    connection_actor connection;
    std::string client_id;
    std::string peer;
    std::size_t port;
  };

  /// A connection without a client that has yet to close: it was refused, or its client has failed.
  struct ending {
    connection_actor connection;
    /// Nothing: the peer may take its time.
    std::optional<time_point> abort_at;
  };

  void on_opened(const connection_opened& opened);
  void refuse(const connection_opened& opened, const std::string& client_id, const failure& reason);
  /// A client has failed: its consumer gets an error message.
  void on_client_failed(const member& gone, const caf::error& reason);
  /// Watches a connection without a client until it is down.
  void watch_end(const connection_actor& connection, std::optional<time_point> abort_at);
  void on_down(const caf::down_msg& msg);
  void on_tick();
  /// A refused peer that does not close must not keep a descriptor.
  void abort_overdue();

  caf::result<void> on_drain(const drain_clients& request);
  /// The time to finish is over: every pass ends with an error message.
  void end_passes();
  /// The time to take the error message is over as well.
  void abort_connections();
  void answer_drain_if_empty();

  listener_report on_get_report();
  std::optional<std::uint64_t> passes_of(const std::string& peer) const;

  listener_actor::pointer self_;
  listener_options options_;
  event_log_ptr log_;
  /// By the client's address.
  std::map<caf::actor_addr, member> members_;
  std::map<caf::actor_addr, ending> ending_;
  /// How many passes each host has begun.
  std::map<std::string, std::uint64_t> passes_;
  listener_metrics metrics_;
  client_metrics_ptr client_metrics_;
  time_point started_at_;
  std::optional<caf::typed_response_promise<void>> draining_;
  std::string why_draining_;
};

using listener_impl = listener_actor::stateful_impl<listener_state>;

} // namespace dispatch
