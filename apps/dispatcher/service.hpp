#pragma once

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "actors/consumer_port.hpp"
#include "actors/session/session_types.hpp"
#include "apps/dispatcher/client_room.hpp"
#include "apps/dispatcher/config.hpp"
#include "apps/dispatcher/metrics_page.hpp"
#include "apps/dispatcher/run_clock_keeper.hpp"
#include "dataset/dataset_server.hpp"
#include "io/admin/admin_server.hpp"
#include "io/admin/event_history.hpp"
#include "io/tcp/listen_socket.hpp"
#include "messages/assembler.hpp"
#include "messages/batch_cache.hpp"
#include "messages/batch_source.hpp"
#include "messages/event_log.hpp"
#include "messages/fetcher_pool.hpp"
#include "messages/group.hpp"
#include "messages/group_store.hpp"
#include "messages/inspector.hpp"
#include "messages/listener.hpp"
#include "messages/name_resolver.hpp"
#include "messages/server.hpp"
#include "messages/store_backend.hpp"

namespace dispatch {

/// The service cannot start. what() is one line that says why.
class start_error : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// The composition root: the one place that knows both actors and io, and what starts and stops in which order.
///
///     start                                          stop
///     1. dataset server (embedded only)              1. server brokers: no new consumers
///     2. listening sockets: fail early               2. listener: clients finish, or are ended
///     3. group store, group directory                3. groups: give their leases back
///     4. fetcher pool                                4. listener, batch cache, fetcher pool: calls are cancelled
///     5. batch cache   -> knows the fetcher pool     5. admin server: has shown all that
///     6. listener      -> knows the batch cache      6. inspector
///     7. server brokers -> know the listener         7. group directory, group store
///     8. inspector     -> knows those above          8. actor system
///     9. admin server  -> asks the inspector         9. dataset server
class service {
public:
  /// Starts everything.
  /// @param room for consumers; what the configuration says of it was a wish
  /// @param events where events go; the admin endpoint shows them
  /// @param sources what batches are fetched from
  /// @param on_failure called once, from any thread, with the reason when a part without which there is no service
  /// fails
  /// @throws start_error
  service(config values, client_room room, std::shared_ptr<admin::event_history> events, batch_source_factory sources,
          std::function<void(std::string)> on_failure);

  /// Ends what `stop` has not.
  ~service();

  service(const service&) = delete;
  service& operator=(const service&) = delete;

  /// The port on which consumers connect.
  std::uint16_t port() const noexcept { return port_; }

  /// The port on which sessions are opened; 0 where there is none.
  std::uint16_t session_port() const noexcept { return session_port_; }

  /// Takes no new clients, waits for the others at most as long as the configuration says, then ends their passes.
  void stop();

  /// Ends all passes at once with an error frame that says why: there is no service without the part that has failed.
  void abandon(const std::string& why);

  /// Has counts written to the log. Does not wait for them.
  void report();

  /// Has the admin endpoint show that events are logged from `level` on.
  void show_log_level(const std::string& level);

  /// Where events go and are counted.
  const event_log_ptr& log() const noexcept { return log_; }

private:
  /// A socket that consumers connect to, and the protocol that they are served in.
  struct consumer_socket {
    io::listen_socket socket;
    /// What everything sent to a consumer begins with; empty where the consumer speaks first.
    std::string beginning;
    /// How many bytes may wait unsent for a consumer, where there are few.
    std::size_t most_unsent;
    /// Called when the batches' source is there.
    std::function<consumer_port()> make_port;
  };

  /// The classic one first, then that of sessions where there is one.
  std::vector<consumer_socket> open_ports() const;
  void start_dataset_server();
  void start_pool(batch_source_factory sources);
  store_backend_ptr open_store() const;
  void start_groups(store_backend_ptr store);
  void start_servers(std::vector<consumer_socket> sockets, client_room room);
  session_options make_session_options() const;
  void start_admin_server(io::listen_socket socket);
  void end(std::chrono::milliseconds timeout, const std::string& why);
  /// Has groups without members give back what they have leased.
  void end_groups(caf::scoped_actor& self);
  void watch(const caf::actor& part, const char* name);

  config config_;
  std::shared_ptr<admin::event_history> events_;
  event_log_ptr log_;
  run_clock_keeper ran_;
  std::function<void(std::string)> on_failure_;
  std::unique_ptr<dataset::dataset_server> dataset_server_;
  caf::actor_system_config system_config_;
  std::unique_ptr<caf::actor_system> system_;
  std::uint16_t port_ = 0;
  std::uint16_t session_port_ = 0;
  /// Null where no upstream is a name.
  name_resolver_actor resolver_;
  fetcher_pool_actor pool_;
  batch_cache_actor cache_;
  order_directory_actor orders_;
  group_store_actor store_;
  group_directory_actor groups_;
  listener_actor listener_;
  /// One for each socket.
  std::vector<server_actor> servers_;
  session_recorder_actor session_recorder_;
  inspector_actor inspector_;
  std::unique_ptr<metrics_page> metrics_;
  std::unique_ptr<admin::admin_server> admin_;
  bool stopped_ = false;
};

} // namespace dispatch
