#include "actors/listener.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include "actors/every.hpp"
#include "actors/final_error.hpp"
#include "wire/classic_codec.hpp"

namespace dispatch {

namespace {

constexpr std::chrono::milliseconds tick_interval{1000};

/// How long a client that is ended has to take its error message from the socket.
constexpr std::chrono::milliseconds error_timeout{500};

/// Of many clients each has less: to end them all takes its time, for each of them about so long.
constexpr std::chrono::microseconds time_to_end{40};
constexpr std::chrono::milliseconds least_error_timeout{100};

/// max(error_timeout - time_to_end * clients, least_error_timeout)
std::chrono::microseconds error_timeout_of(std::size_t clients) {
  const std::chrono::microseconds left = error_timeout - time_to_end * static_cast<std::int64_t>(clients);
  return std::max<std::chrono::microseconds>(left, least_error_timeout);
}

/// Passes are counted for so many hosts: peers behind IPv6 may have any number of addresses over the weeks.
constexpr std::size_t most_hosts = 10'000;

/// Of `host:port`.
std::string host_of(const std::string& peer) {
  return peer.substr(0, peer.rfind(':'));
}

/// How long one that is refused has to take its error message and close; until the next tick.
constexpr std::chrono::milliseconds refusal_linger{1000};

} // namespace

listener_state::listener_state(listener_actor::pointer self, listener_options options, event_log_ptr log)
  : self_(self),
    options_(std::move(options)),
    log_(std::move(log)),
    metrics_(self->system().metrics()),
    client_metrics_(std::make_shared<const client_metrics>(self->system().metrics())),
    started_at_(self->clock().now()) {}

listener_state::~listener_state() {
  for (const auto& [address, m] : members_) {
    caf::anon_send(m.client, end_pass{status_code::unavailable, "the dispatcher is stopping: a part of it has failed"});
    caf::delayed_anon_send(m.connection, error_timeout, abort_connection{});
  }
  for (const auto& [address, e] : ending_)
    caf::delayed_anon_send(e.connection, error_timeout, abort_connection{});
}

listener_actor::behavior_type listener_state::make_behavior() {
  self_->set_down_handler([this](caf::down_msg& msg) { on_down(msg); });
  every(self_, tick_interval, [this] { on_tick(); });
  return {
    [this](const connection_opened& opened) { on_opened(opened); },
    [this](const drain_clients& request) { return on_drain(request); },
    [this](get_listener_report) { return on_get_report(); },
  };
}

void listener_state::on_opened(const connection_opened& opened) {
  metrics_.accepted->inc();
  const auto client_id = client_id_of(opened.peer);
  if (draining_)
    return refuse(opened, client_id, {status_code::unavailable, "the dispatcher is stopping"});
  if (members_.size() >= options_.max_clients)
    return refuse(opened, client_id,
                  {status_code::resource_exhausted,
                   "the dispatcher already has its maximum of " + std::to_string(options_.max_clients) + " clients"});
  const auto host = host_of(opened.peer);
  if (passes_.size() < most_hosts || passes_.count(host) > 0)
    ++passes_[host];
  auto client = options_.ports.at(opened.port).spawn(opened.connection, client_id);
  self_->monitor(client);
  members_.emplace(client.address(), member{client, opened.connection, client_id, opened.peer, opened.port});
}

void listener_state::refuse(const connection_opened& opened, const std::string& client_id, const failure& reason) {
  metrics_.refused->inc();
  client_metrics_->error_frames.count(reason.code);
  log_->write(severity::warning, "client_refused",
              {{"client", client_id}, {"code", to_string(reason.code)}, {"message", reason.message}});
  send_error(self_, opened.connection, *options_.ports.at(opened.port).make_protocol(client_id), 0, reason);
  watch_end(opened.connection, self_->clock().now() + refusal_linger);
}

void listener_state::watch_end(const connection_actor& connection, std::optional<time_point> abort_at) {
  self_->monitor(connection);
  ending_.emplace(connection.address(), ending{connection, abort_at});
}

void listener_state::on_down(const caf::down_msg& msg) {
  if (const auto gone = members_.extract(msg.source); !gone.empty() && msg.reason)
    on_client_failed(gone.mapped(), msg.reason);
  ending_.erase(msg.source);
  answer_drain_if_empty();
}

void listener_state::on_client_failed(const member& gone, const caf::error& reason) {
  log_->write(severity::error, "client_failed", {{"client", gone.client_id}, {"message", caf::to_string(reason)}});
  client_metrics_->ended(pass_outcome::error)->inc();
  client_metrics_->error_frames.count(status_code::internal);
  send_final_error(self_, gone.connection, options_.ports.at(gone.port).make_protocol(gone.client_id),
                   {status_code::internal, "the dispatcher failed on this connection"});
  watch_end(gone.connection, std::nullopt);
}

void listener_state::on_tick() {
  for (const auto& [address, m] : members_)
    self_->send(m.client, consumer_tick{});
  abort_overdue();
}

void listener_state::abort_overdue() {
  const auto now = self_->clock().now();
  for (const auto& [address, e] : ending_)
    if (e.abort_at && *e.abort_at <= now)
      self_->send(e.connection, abort_connection{});
}

caf::result<void> listener_state::on_drain(const drain_clients& request) {
  draining_ = self_->make_response_promise<void>();
  why_draining_ = request.why;
  metrics_.drains->inc();
  log_->write(severity::info, "drain_start",
              {{"clients", members_.size()}, {"timeout_ms", request.timeout.count() / 1'000'000}});
  for (const auto& [address, m] : members_)
    self_->send(m.client, begin_drain{why_draining_});
  self_->run_delayed(request.timeout, [this] { end_passes(); });
  auto promise = *draining_;
  answer_drain_if_empty();
  return promise;
}

void listener_state::end_passes() {
  if (members_.empty() && ending_.empty())
    return;
  log_->write(severity::warning, "drain_timeout", {{"clients", members_.size()}});
  for (const auto& [address, m] : members_)
    self_->send(m.client, end_pass{status_code::unavailable, "the dispatcher is draining: " + why_draining_});
  self_->run_delayed(error_timeout_of(members_.size() + ending_.size()), [this] { abort_connections(); });
}

void listener_state::abort_connections() {
  for (const auto& [address, m] : members_)
    self_->send(m.connection, abort_connection{});
  for (const auto& [address, e] : ending_)
    self_->send(e.connection, abort_connection{});
}

void listener_state::answer_drain_if_empty() {
  if (draining_ && members_.empty() && ending_.empty() && draining_->pending())
    draining_->deliver();
}

listener_report listener_state::on_get_report() {
  listener_report result;
  result.actor = row_of(self_, name, draining_ ? "draining" : "serving", started_at_);
  result.accepted = count_of(metrics_.accepted);
  result.refused = count_of(metrics_.refused);
  result.draining = draining_.has_value();
  result.clients.reserve(members_.size());
  for (const auto& [address, m] : members_)
    result.clients.push_back({m.client, m.client_id, m.peer, m.port, passes_of(m.peer)});
  return result;
}

std::optional<std::uint64_t> listener_state::passes_of(const std::string& peer) const {
  const auto found = passes_.find(host_of(peer));
  return found != passes_.end() ? std::optional{found->second} : std::nullopt;
}

} // namespace dispatch
