#include "actors/listener.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include "wire/classic_codec.hpp"

namespace dispatch {

namespace {

constexpr std::chrono::milliseconds tick_interval{1000};

/// How long a client that is ended has to take its error frame from the socket.
constexpr std::chrono::milliseconds last_words{500};

/// Of many clients each has less: to end them all takes its time, for each of them about so long.
constexpr std::chrono::microseconds time_to_end{40};
constexpr std::chrono::milliseconds least_last_words{100};

std::chrono::microseconds last_words_of(std::size_t clients) {
  const std::chrono::microseconds left = last_words - time_to_end * static_cast<std::int64_t>(clients);
  return std::max<std::chrono::microseconds>(left, least_last_words);
}

/// How long one that is refused has to take its error frame and close; until the next tick.
constexpr std::chrono::milliseconds refusal_linger{1000};

} // namespace

listener_state::listener_state(listener_actor::pointer self, listener_options options, frame_source source,
                               event_log_ptr log)
  : self_(self),
    options_(std::move(options)),
    source_(std::move(source)),
    log_(std::move(log)),
    metrics_(self->system().metrics()),
    client_metrics_(std::make_shared<const client_metrics>(self->system().metrics())),
    started_at_(self->clock().now()) {}

listener_state::~listener_state() {
  for (const auto& [address, m] : members_) {
    caf::anon_send(m.client,
                   end_stream{status_code::unavailable, "the dispatcher is stopping: a part of it has failed"});
    caf::delayed_anon_send(m.connection, last_words, abort_connection{});
  }
  for (const auto& [address, e] : ending_)
    caf::delayed_anon_send(e.connection, last_words, abort_connection{});
}

listener_actor::behavior_type listener_state::make_behavior() {
  self_->set_down_handler([this](caf::down_msg& msg) { on_down(msg); });
  schedule_tick();
  return {
    [this](const connection_opened& opened) { on_opened(opened); },
    [this](const drain_clients& request) { return on_drain(request); },
    [this](get_listener_report) { return on_get_report(); },
  };
}

void listener_state::on_opened(const connection_opened& opened) {
  metrics_.accepted->inc();
  if (draining_) {
    refuse(opened, {status_code::unavailable, "the dispatcher is stopping"});
    return;
  }
  if (members_.size() >= options_.max_clients) {
    refuse(opened, {status_code::resource_exhausted,
                    "the dispatcher already has its maximum of " + std::to_string(options_.max_clients) + " clients"});
    return;
  }
  auto client_id = client_id_of(opened.peer);
  auto client =
    self_->spawn<client_impl>(options_.client, source_, opened.connection, client_id, log_, client_metrics_);
  self_->monitor(client);
  members_.emplace(client.address(), member{client, opened.connection, std::move(client_id), opened.peer});
}

void listener_state::refuse(const connection_opened& opened, const failure& reason) {
  metrics_.refused->inc();
  client_metrics_->error_frames.count(reason.code);
  const auto client_id = client_id_of(opened.peer);
  log_->write(severity::warning, "client_refused",
              {{"client", client_id}, {"code", to_string(reason.code)}, {"message", reason.message}});
  self_->send(opened.connection, write_line{encode_error_line(0, client_id, reason)});
  self_->send(opened.connection, finish_stream{});
  watch_end(opened.connection, self_->clock().now() + refusal_linger);
}

void listener_state::watch_end(const connection_actor& connection, std::optional<time_point> abort_at) {
  self_->monitor(connection);
  ending_.emplace(connection.address(), ending{connection, abort_at});
}

void listener_state::on_down(const caf::down_msg& msg) {
  if (const auto gone = members_.extract(msg.source); !gone.empty() && msg.reason) {
    log_->write(severity::error, "client_failed",
                {{"client", gone.mapped().client_id}, {"message", caf::to_string(msg.reason)}});
    client_metrics_->ended(stream_outcome::error)->inc();
    client_metrics_->error_frames.count(status_code::internal);
    watch_end(gone.mapped().connection, std::nullopt);
  }
  ending_.erase(msg.source);
  answer_drain_if_empty();
}

void listener_state::on_tick() {
  for (const auto& [address, m] : members_)
    self_->send(m.client, client_tick{});
  abort_overdue();
}

void listener_state::abort_overdue() {
  const auto now = self_->clock().now();
  for (const auto& [address, e] : ending_)
    if (e.abort_at && *e.abort_at <= now)
      self_->send(e.connection, abort_connection{});
}

void listener_state::schedule_tick() {
  self_->run_delayed(tick_interval, [this] {
    on_tick();
    schedule_tick();
  });
}

caf::result<void> listener_state::on_drain(const drain_clients& request) {
  draining_ = self_->make_response_promise<void>();
  why_draining_ = request.why;
  metrics_.drains->inc();
  log_->write(severity::info, "drain_start",
              {{"clients", members_.size()}, {"timeout_ms", request.timeout.count() / 1'000'000}});
  self_->run_delayed(request.timeout, [this] { end_streams(); });
  auto promise = *draining_;
  answer_drain_if_empty();
  return promise;
}

void listener_state::end_streams() {
  if (members_.empty() && ending_.empty())
    return;
  log_->write(severity::warning, "drain_timeout", {{"clients", members_.size()}});
  for (const auto& [address, m] : members_)
    self_->send(m.client, end_stream{status_code::unavailable, "the dispatcher is draining: " + why_draining_});
  self_->run_delayed(last_words_of(members_.size() + ending_.size()), [this] { abort_connections(); });
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
    result.clients.push_back({m.client, m.client_id, m.peer});
  return result;
}

} // namespace dispatch
