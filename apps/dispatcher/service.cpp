#include "apps/dispatcher/service.hpp"

#include <caf/all.hpp>
#include <caf/io/all.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "actors/batch_cache.hpp"
#include "actors/batch_stream.hpp"
#include "actors/classic_port.hpp"
#include "actors/count_log.hpp"
#include "actors/fetcher_pool.hpp"
#include "actors/group/group_directory.hpp"
#include "actors/group/group_store.hpp"
#include "actors/inspector.hpp"
#include "actors/listener.hpp"
#include "actors/session/assembler.hpp"
#include "actors/session/order_directory.hpp"
#include "actors/session/session.hpp"
#include "actors/session/session_port.hpp"
#include "actors/session/session_recorder.hpp"
#include "apps/dispatcher/actor_options.hpp"
#include "apps/dispatcher/config_json.hpp"
#include "apps/dispatcher/counting_log.hpp"
#include "apps/dispatcher/folding_log.hpp"
#include "apps/dispatcher/run_name.hpp"
#include "apps/dispatcher/store_options.hpp"
#include "apps/dispatcher/upstream_options.hpp"
#include "io/host_port.hpp"
#include "io/name_resolver.hpp"
#include "io/tcp/coalescing_multiplexer.hpp"
#include "io/tcp/listen_socket.hpp"
#include "io/tcp/server_broker.hpp"
#include "wire/classic_codec.hpp"

namespace dispatch {

namespace {

/// How much longer than the drain timeout the listener may take: passes are ended and sockets closed after it.
constexpr std::chrono::milliseconds drain_margin{750};

/// How long the server may take to close the listening socket. One that hangs does not keep the others from being told.
constexpr std::chrono::milliseconds stop_accepting_timeout{250};

/// How long groups may take to give back what they have leased. What they do not expires by itself.
constexpr std::chrono::seconds groups_end_timeout{3};

/// How long calls that still run when everything else has ended may hold up the embedded dataset server.
constexpr std::chrono::milliseconds dataset_server_grace{500};

io::listen_socket open_socket(const config& values) {
  auto opened = io::open_listen_socket(*io::parse_host_port(values.listen));
  if (const auto* problem = std::get_if<std::string>(&opened))
    throw start_error("--listen: " + *problem);
  return std::move(std::get<io::listen_socket>(opened));
}

/// A session's client reads raw payloads as fast as the kernel copies them. The more of them wait in the kernel, the
/// more of them leave with the client's acknowledgements, for which no thread of the dispatcher is woken. A classic
/// client takes longer to read its text, which should still be in the processor's caches by then (docs/adr/0012).
constexpr std::size_t most_unsent_of_session = std::size_t{1} << 20;

/// Whose mailboxes and handlers CAF measures, by the names of their states.
std::vector<std::string> measured_actors() {
  return {batch_stream_state::name,      client_state::name,
          fetcher_state::name,           fetcher_pool_state::name,
          batch_cache_state::name,       inspector_state::name,
          listener_state::name,          io::connection_broker_state::name,
          io::server_broker_state::name, session_state::name,
          assembler_state::name,         order_directory_state::name,
          session_recorder_state::name,  group_state::name,
          group_directory_state::name,   group_store_state::name};
}

/// An endpoint that may be left out.
struct optional_endpoint {
  bool is_admin;
  std::string address;
  /// Whether there is no service without it.
  bool is_required;
};

/// Opens an endpoint; nothing where its address is `none`, or is the default one and is taken.
std::optional<io::listen_socket> open_optional_socket(const optional_endpoint& endpoint, const event_log_ptr& log) {
  if (endpoint.address == no_endpoint)
    return std::nullopt;
  auto opened = io::open_listen_socket(*io::parse_host_port(endpoint.address));
  if (auto* socket = std::get_if<io::listen_socket>(&opened))
    return std::move(*socket);
  const auto& problem = std::get<std::string>(opened);
  if (endpoint.is_required)
    throw start_error((endpoint.is_admin ? "--admin: " : "--sessions: ") + problem);
  log->write(severity::warning, endpoint.is_admin ? "admin_unavailable" : "sessions_unavailable",
             {{endpoint.is_admin ? "admin" : "sessions", endpoint.address}, {"message", problem}});
  return std::nullopt;
}

} // namespace

service::service(config values, client_room room, std::shared_ptr<admin::event_history> events,
                 batch_source_factory sources, std::function<void(std::string)> on_failure)
  : config_(std::move(values)),
    events_(std::move(events)),
    log_(events_),
    on_failure_(std::move(on_failure)) {
  if (config_.embedded)
    start_dataset_server();
  auto store = open_store();
  auto ports = open_ports();
  port_ = ports.front().socket.port;
  session_port_ = ports.size() > 1 ? ports.back().socket.port : 0;
  if (auto listen = io::parse_host_port(config_.listen); listen->port != port_)
    config_.listen = io::to_string({listen->host, port_});
  auto admin_socket = open_optional_socket({true, config_.admin, config_.admin_required}, log_);
  system_config_.load<caf::io::middleman, io::coalescing_multiplexer>();
  // What happens is said in our own log; CAF's has nothing for operators.
  system_config_.set("caf.logger.console.verbosity", "quiet");
  // One queue for all workers, which sleep while it is empty: those of work stealing poll. And few of them: a message
  // that wakes another core costs more than the handler that it is for (docs/performance.md).
  system_config_.set("caf.scheduler.policy", "sharing");
  system_config_.set("caf.scheduler.max-threads", std::max(std::thread::hardware_concurrency() / 2, 1u));
  // Without the endpoint they cannot be read.
  if (admin_socket)
    system_config_.set("caf.metrics-filters.actors.includes", measured_actors());
  system_ = std::make_unique<caf::actor_system>(system_config_);
  log_ = std::make_shared<folding_log>(std::make_shared<counting_log>(events_, event_metrics{system_->metrics()}));
  start_groups(std::move(store));
  start_pool(std::move(sources));
  cache_ = system_->spawn<batch_cache_impl>(cache_options_of(config_, ran_.clock()), pool_, log_);
  orders_ = system_->spawn<order_directory_impl>(directory_options_of(config_, ran_.clock()), cache_, log_);
  session_recorder_ = system_->spawn<session_recorder_impl>();
  start_servers(std::move(ports), room);
  watch(caf::actor_cast<caf::actor>(pool_), fetcher_pool_state::name);
  watch(caf::actor_cast<caf::actor>(cache_), batch_cache_state::name);
  watch(caf::actor_cast<caf::actor>(orders_), order_directory_state::name);
  watch(caf::actor_cast<caf::actor>(store_), group_store_state::name);
  watch(caf::actor_cast<caf::actor>(groups_), group_directory_state::name);
  watch(caf::actor_cast<caf::actor>(listener_), listener_state::name);
  for (const auto& server : servers_)
    watch(caf::actor_cast<caf::actor>(server), io::server_broker_state::name);
  inspector_ = system_->spawn<inspector_impl, caf::detached>(
    inspected_parts{servers_, listener_, cache_, pool_, orders_, session_recorder_, groups_, store_},
    inspector_options{});
  if (admin_socket)
    start_admin_server(std::move(*admin_socket));
  log_->write(severity::info, "serving",
              {{"port", port_},
               {"sessions", session_port_},
               {"listen", config_.listen},
               {"admin", admin_ != nullptr ? admin_->port() : 0},
               {"dataset", config_.dataset},
               {"batch_size", config_.batch_size},
               {"upstreams", config_.upstreams.size()},
               {"embedded", config_.embedded}});
}

service::~service() {
  if (!stopped_) {
    for (const auto& server : servers_)
      caf::anon_send(server, stop_accepting{});
    caf::anon_send_exit(listener_, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(orders_, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(cache_, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(pool_, caf::exit_reason::user_shutdown);
  }
  admin_.reset();
  caf::anon_send_exit(inspector_, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(session_recorder_, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(groups_, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(store_, caf::exit_reason::user_shutdown);
  if (resolver_ != nullptr)
    caf::anon_send_exit(resolver_, caf::exit_reason::user_shutdown);
  inspector_ = nullptr;
  session_recorder_ = nullptr;
  resolver_ = nullptr;
  servers_.clear();
  listener_ = nullptr;
  groups_ = nullptr;
  store_ = nullptr;
  orders_ = nullptr;
  cache_ = nullptr;
  pool_ = nullptr;
  system_.reset();
  if (dataset_server_ != nullptr)
    dataset_server_->shutdown(dataset_server_grace);
}

std::vector<service::consumer_socket> service::open_ports() const {
  std::vector<consumer_socket> result;
  result.push_back({open_socket(config_), std::string{classic_beginning}, io::least_unsent, [this] {
                      return make_classic_port(*system_, client_options_of(config_, ran_.clock()), cache_, log_);
                    }});
  if (auto sessions = open_optional_socket({false, config_.sessions, config_.sessions_required}, log_))
    result.push_back({std::move(*sessions), std::string{session_beginning}, most_unsent_of_session, [this] {
                        return make_session_port(*system_, make_session_options(), cache_, orders_, pool_, log_);
                      }});
  return result;
}

session_options service::make_session_options() const {
  auto result = session_options_of(config_, ran_.clock());
  result.recorder = session_recorder_;
  result.groups = groups_;
  result.store = store_;
  return result;
}

store_backend_ptr service::open_store() const {
  try {
    return dispatch::open_store(config_.store);
  } catch (const store_error& problem) {
    throw start_error("--store: " + config_.store + ": " + problem.what());
  }
}

void service::start_servers(std::vector<consumer_socket> sockets, client_room room) {
  listener_options options;
  options.max_clients = room.clients;
  for (const auto& each : sockets)
    options.ports.push_back(each.make_port());
  listener_ = system_->spawn<listener_impl>(std::move(options), log_);
  for (auto& each : sockets) {
    auto server = server_options_of(config_, room, ran_.clock());
    server.port = servers_.size();
    server.beginning = std::move(each.beginning);
    server.connection.most_unsent = each.most_unsent;
    servers_.push_back(io::spawn_server_broker(*system_, std::move(each.socket), listener_, std::move(server), log_));
  }
}

void service::start_dataset_server() {
  try {
    dataset_server_ = std::make_unique<dataset::dataset_server>("127.0.0.1:0", dataset::load_catalog({}));
  } catch (const std::exception& problem) {
    throw start_error(std::string{"--embedded: "} + problem.what());
  }
  config_.upstreams = {"127.0.0.1:" + std::to_string(dataset_server_->port())};
  log_->write(severity::info, "dataset_server_ready", {{"port", dataset_server_->port()}});
}

void service::start_pool(batch_source_factory sources) {
  auto options = pool_options_of(config_, ran_.clock());
  if (!options.names.empty())
    options.resolver = resolver_ = system_->spawn<io::name_resolver_impl>();
  pool_ = system_->spawn<fetcher_pool_impl>(std::move(options), std::move(sources), log_);
}

void service::start_groups(store_backend_ptr store) {
  store_ = system_->spawn<group_store_impl, caf::detached>(std::move(store), log_);
  group_options options;
  options.dispatcher = name_of_run();
  options.ran = ran_.clock();
  options.lease_ttl = config_.lease_ttl;
  groups_ = system_->spawn<group_directory_impl>(std::move(options), store_, log_);
}

void service::start_admin_server(io::listen_socket socket) {
  metrics_ = std::make_unique<metrics_page>(system_->metrics(), DISPATCHER_VERSION);
  admin::service_facts facts{DISPATCHER_VERSION, std::chrono::system_clock::now(), config_json(config_)};
  admin_ =
    std::make_unique<admin::admin_server>(*system_, std::move(socket), inspector_, store_, events_, std::move(facts),
                                          [this](const service_report* report) { return metrics_->write(report); });
}

void service::watch(const caf::actor& part, const char* name) {
  part->attach_functor([name, notify = on_failure_](const caf::error& reason) {
    // Parts that are told to go do so without an error or with that of a shutdown.
    if (reason && reason != caf::exit_reason::user_shutdown)
      notify(std::string{name} + ": " + caf::to_string(reason));
  });
}

void service::stop() {
  end(config_.drain_timeout, drain_clients{}.why);
}

void service::abandon(const std::string& why) {
  end(std::chrono::milliseconds{0}, "it has failed: " + why);
}

void service::end(std::chrono::milliseconds timeout, const std::string& why) {
  if (std::exchange(stopped_, true))
    return;
  caf::scoped_actor self{*system_};
  // Before the listener drains, so that it knows of each connection that was accepted and tells all of them.
  for (const auto& server : servers_)
    self->request(server, stop_accepting_timeout, stop_accepting{}).receive([] {}, [](const caf::error&) {});
  self->request(listener_, timeout + drain_margin, drain_clients{timeout, why})
    .receive([] {},
             [this](const caf::error& problem) {
               const auto late = problem == caf::sec::request_timeout;
               log_->write(severity::error, "drain_failed",
                           {{"message", late ? "connections that had not ended in time are cut" : to_string(problem)}});
             });
  end_groups(self);
  self->send_exit(listener_, caf::exit_reason::user_shutdown);
  self->send_exit(orders_, caf::exit_reason::user_shutdown);
  self->send_exit(cache_, caf::exit_reason::user_shutdown);
  self->send_exit(pool_, caf::exit_reason::user_shutdown);
  self->wait_for(listener_, orders_, cache_, pool_);
}

void service::end_groups(caf::scoped_actor& self) {
  std::size_t left = 0;
  self->request(groups_, groups_end_timeout, get_groups_report{})
    .receive(
      [&](const groups_report& report) {
        for (const auto& group : report.groups)
          self->monitor(group);
        left = report.groups.size();
      },
      [](const caf::error&) {});
  const auto until = std::chrono::steady_clock::now() + groups_end_timeout;
  while (left > 0 && std::chrono::steady_clock::now() < until)
    self->receive([&](const caf::down_msg&) { --left; }, caf::after(std::chrono::milliseconds{100}) >> [] {});
}

void service::show_log_level(const std::string& level) {
  config_.log_level = level;
  if (admin_ != nullptr)
    admin_->show_config(config_json(config_));
}

void service::report() {
  log_counts(*system_, inspector_, log_);
}

} // namespace dispatch
