#pragma once

#include <caf/actor_system.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <variant>

#include "io/admin/event_history.hpp"
#include "io/admin/group_endpoint.hpp"
#include "io/admin/health.hpp"
#include "io/admin/http_server.hpp"
#include "io/admin/status_json.hpp"
#include "io/tcp/listen_socket.hpp"
#include "messages/inspector.hpp"

namespace dispatch::admin {

struct admin_options {
  http_limits http;
  /// Each takes one of the connections.
  std::size_t max_event_streams = 16;
  /// How long the inspector may take; it has a shorter deadline for the parts that it asks.
  std::chrono::milliseconds answer_timeout{2000};
  /// How long nothing is sent to those who follow the events.
  std::chrono::milliseconds keep_open_interval{10'000};
};

/// Makes the body of `/metrics`.
/// @param report nothing where the inspector did not answer in time: what is counted is there all the same
using metrics_writer = std::function<std::string(const service_report* report)>;

/// The admin endpoint: shows people and programs how the service is, by HTTP (docs/status.md, docs/metrics.md). All but
/// `group_endpoint` only reads. Its threads are its own, and no request makes another wait.
class admin_server {
public:
  /// @param inspector is asked, as `groups` is; dropped when this is destroyed
  /// @param write_metrics called from several threads
  admin_server(caf::actor_system& system, io::listen_socket socket, inspector_actor inspector, group_store_actor groups,
               std::shared_ptr<const event_history> events, service_facts facts, metrics_writer write_metrics,
               admin_options options = {});

  /// Answers nobody any more. Takes as long as the inspector needs for requests that are under way, and no longer than
  /// its deadline.
  ~admin_server();

  std::uint16_t port() const noexcept { return http_.port(); }

  /// Shows another configuration from now on.
  void show_config(json config);

private:
  using request = httplib::Request;
  using response = httplib::Response;
  using handled = httplib::Server::HandlerResponse;

  void add_routes();
  handled refuse(const request& asked, response& answer) const;
  void show_metrics(response& answer);
  void show_status(response& answer);
  void show_preview(response& answer);
  void show_history(const request& asked, response& answer);
  void show_verdict(response& answer, verdict (*judge)(const health_report&));
  void show_events(const request& asked, response& answer);
  void stream_events(const request& asked, response& answer);
  bool write_events(httplib::DataSink& sink, std::uint64_t& seen, std::chrono::steady_clock::time_point& written);

  /// Asks the inspector.
  /// @returns what is wrong where there is no answer
  template <class Reply, class Request>
  std::variant<Reply, caf::error> ask(const Request& what);

  caf::actor_system& system_;
  inspector_actor inspector_;
  group_endpoint groups_;
  std::shared_ptr<const event_history> events_;
  /// Guards what follows.
  std::mutex facts_mutex_;
  service_facts facts_;
  metrics_writer write_metrics_;
  admin_options options_;
  bool only_local_names_;
  /// One at a time: a batch may be large.
  std::mutex preview_mutex_;
  std::atomic<std::size_t> event_streams_{0};
  std::atomic<bool> stopping_{false};
  http_server http_;
};

} // namespace dispatch::admin
