#include "io/tcp/connection_broker.hpp"

#include <caf/all.hpp>

#include <sys/socket.h>

#include <chrono>
#include <utility>

#include "io/tcp/peer_sample.hpp"
#include "wire/classic_codec.hpp"

namespace dispatch::io {

namespace {

/// Where a peer's bytes are read to be thrown away.
constexpr std::size_t discard_buffer_size = 4096;

/// How much is given to CAF to wait with: enough not to be a packet of its own for a byte.
constexpr std::size_t wait_bytes = 4096;

/// How long a peer that has stalled has to begin to take its error frame.
constexpr std::chrono::seconds last_words{2};

/// What a peer is told whose client or connection has failed.
constexpr const char* stream_failed = "the dispatcher failed on this stream";

std::string text_of(const std::exception_ptr& problem) {
  try {
    std::rethrow_exception(problem);
  } catch (const std::exception& known) {
    return known.what();
  } catch (...) {
    return "unknown exception";
  }
}

} // namespace

connection_broker_state::connection_broker_state(connection_broker_actor::broker_pointer self,
                                                 caf::io::connection_handle handle, connection_options options,
                                                 std::string client_id)
  : self_(self),
    handle_(handle),
    options_(options),
    client_id_(std::move(client_id)),
    patience_({options_.socket.dead_peer_timeout, options_.stall_timeout, last_words},
              run_time(options_.ran, self->clock().now())),
    outbox_(options.begun_bytes) {}

connection_broker_actor::behavior_type connection_broker_state::make_behavior() {
  self_->set_down_handler([this](caf::down_msg&) { on_client_down(); });
  self_->set_exception_handler([this](const std::exception_ptr& problem) { return on_exception(problem); });
  tune_socket(static_cast<int>(handle_.id()), options_.socket);
  self_->ack_writes(handle_, true);
  return {
    [this](const attach_client& request) { on_attach(request); },
    [this](write_frames& request) { on_write_frames(request); },
    [this](write_line& request) { on_write_line(request); },
    [this](const cut_short& request) { on_cut_short(request); },
    [this](look_at_peer) { on_look(); },
    [this](finish_stream) { on_finish(); },
    [this](abort_connection) { on_abort(); },
    [](const caf::io::new_data_msg&) {},
    [this](const caf::io::connection_closed_msg&) { on_closed(); },
    [this](const caf::io::data_transferred_msg& msg) { on_transferred(msg); },
    [this](linger_over) { on_linger_over(); },
  };
}

void connection_broker_state::on_attach(const attach_client& request) {
  client_ = request.client;
  self_->monitor(client_);
}

void connection_broker_state::on_write_frames(write_frames& request) {
  for (auto& [body, tail] : request.frames) {
    next_index_ = body->index() + 1;
    outbox_.push(std::move(body), std::move(tail));
  }
  write_some();
}

void connection_broker_state::on_write_line(write_line& request) {
  outbox_.push_line(std::move(request.line));
  write_some();
}

void connection_broker_state::on_cut_short(const cut_short& request) {
  // Nothing may follow a last frame that has begun to leave.
  if (finishing_ && !outbox_.has_untouched())
    return;
  next_index_ = outbox_.drop_untouched().value_or(next_index_);
  end_with_error({request.code, request.message});
}

void connection_broker_state::on_look() {
  // A client that hears nothing takes its consumer for one that has stalled; so a large batch is news before all of it
  // has left.
  if (std::exchange(took_some_, false) && client_ != nullptr && !outbox_.empty())
    give_credit();
  const auto fd = static_cast<int>(handle_.id());
  const auto seen = sample_peer(fd);
  if (!seen)
    return;
  // A peer that sends much before it reads would wait for ever for somebody to take it.
  if (std::exchange(received_, seen->received) != seen->received && !reading_)
    discard_received(fd);
  switch (patience_.look(*seen, run_time(options_.ran, self_->clock().now()))) {
  case peer_verdict::present:
    choose_user_timeout();
    break;
  case peer_verdict::stalled:
    if (client_ != nullptr)
      self_->send(client_, peer_stalled{options_.stall_timeout});
    break;
  case peer_verdict::gone:
    on_abort();
    break;
  }
}

void connection_broker_state::on_finish() {
  finishing_ = true;
  if (!waiting_)
    end_in_order();
}

void connection_broker_state::on_abort() {
  const auto fd = static_cast<int>(handle_.id());
  discard_unsent_on_close(fd);
  ::shutdown(fd, SHUT_RDWR);
  // A socket that neither reads nor writes is not watched, and its end would not be seen.
  start_reading();
}

void connection_broker_state::on_client_down() {
  // A client outlives its connection unless it failed: the peer must not take what it has for the whole.
  if (finishing_)
    return;
  end_with_error({status_code::internal, stream_failed});
}

void connection_broker_state::on_transferred(const caf::io::data_transferred_msg& msg) {
  took_some_ = true;
  if (msg.remaining > 0)
    return;
  waiting_ = false;
  write_some();
  if (finishing_ && !waiting_)
    end_in_order();
}

void connection_broker_state::on_closed() noexcept {
  linger_timer_.dispose();
  leave();
}

void connection_broker_state::leave() {
  // CAF does not close the mailbox of a broker: what comes later would lie there for ever, and count as waiting.
  if (client_ != nullptr)
    self_->demonitor(client_);
  self_->quit();
}

void connection_broker_state::on_linger_over() {
  // What the kernel has taken, the peer has not yet. Closed now, it would be the kernel's to decide how long it may
  // pause.
  const auto seen = sample_peer(static_cast<int>(handle_.id()));
  if (seen && seen->pending && !seen->closed)
    return linger();
  self_->close(handle_);
  leave();
}

caf::error connection_broker_state::on_exception(const std::exception_ptr& problem) {
  // The broker ends now, perhaps called by its own socket, which does not keep it alive for so long.
  self_->backend().post([keep = caf::strong_actor_ptr{self_->ctrl()}] {});
  try {
    leave_last_words();
  } catch (const std::exception&) {
    // The peer then sees that its stream was not complete.
  }
  return caf::make_error(caf::sec::runtime_error, text_of(problem));
}

void connection_broker_state::leave_last_words() {
  // Also where it fails at just that message: nothing may follow a last frame.
  const auto& message = self_->current_mailbox_element()->content();
  const auto is_finishing = finishing_ || message.match_elements<finish_stream>();
  if (!is_finishing || outbox_.has_untouched()) {
    next_index_ = outbox_.drop_untouched().value_or(next_index_);
    outbox_.push_line(encode_error_line(next_index_, client_id_, {status_code::internal, stream_failed}));
  }
  while (!outbox_.empty())
    buffer_next(SIZE_MAX);
  prepare_unattended_close(static_cast<int>(handle_.id()), options_.linger);
  self_->flush(handle_);
}

void connection_broker_state::write_some() {
  if (waiting_)
    return;
  const auto fd = static_cast<int>(handle_.id());
  auto burst = std::exchange(had_first_turn_, true) ? options_.burst_bytes : options_.first_burst_bytes;
  while (!outbox_.empty() && burst > 0) {
    const auto sent = gather_send(fd, outbox_.peek(burst));
    if (sent == 0)
      break;
    outbox_.consume(sent);
    burst -= sent;
    took_some_ = true;
  }
  report_written();
  if (!outbox_.empty())
    wait_for_room();
}

void connection_broker_state::wait_for_room() {
  buffer_next(wait_bytes);
  waiting_ = true;
  self_->flush(handle_);
}

void connection_broker_state::buffer_next(std::size_t limit) {
  const auto next = outbox_.peek(limit).pieces[0];
  const auto* first = reinterpret_cast<const caf::byte*>(next.data());
  auto& buffer = self_->wr_buf(handle_);
  buffer.insert(buffer.end(), first, first + next.size());
  outbox_.consume(next.size());
}

void connection_broker_state::report_written() {
  // In as few messages as keep the client ahead of the socket: when half of what it gave has left.
  if (client_ == nullptr || outbox_.finished() == 0 || outbox_.finished() < outbox_.size())
    return;
  give_credit();
}

void connection_broker_state::give_credit() {
  const auto written = outbox_.take_finished();
  self_->send(client_, frames_written{written.frames, written.bytes});
}

void connection_broker_state::end_with_error(const failure& reason) {
  outbox_.push_line(encode_error_line(next_index_, client_id_, reason));
  write_some();
  on_finish();
}

void connection_broker_state::end_in_order() {
  ::shutdown(static_cast<int>(handle_.id()), SHUT_WR);
  start_reading();
  linger();
}

void connection_broker_state::linger() {
  // A weak reference: a strong one would keep the connection alive when it ends first.
  linger_timer_ =
    self_->clock().schedule_message(self_->clock().now() + options_.linger, caf::weak_actor_ptr{self_->ctrl()},
                                    caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, linger_over{}));
}

void connection_broker_state::start_reading() {
  if (std::exchange(reading_, true))
    return;
  self_->configure_read(handle_, caf::io::receive_policy::at_most(discard_buffer_size));
}

void connection_broker_state::choose_user_timeout() {
  const auto wanted = !patience_.answers_without_taking();
  if (std::exchange(has_user_timeout_, wanted) == wanted)
    return;
  set_user_timeout(static_cast<int>(handle_.id()),
                   wanted ? options_.socket.dead_peer_timeout : std::chrono::seconds{0});
}

} // namespace dispatch::io
