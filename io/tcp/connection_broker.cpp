#include "io/tcp/connection_broker.hpp"

#include <caf/all.hpp>

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <string>
#include <system_error>
#include <utility>

#include "io/tcp/peer_sample.hpp"

namespace dispatch::io {

namespace {

/// How many bytes are read at a time, so that other connections have their turn.
constexpr std::size_t read_size = std::size_t{16} << 10;

/// How long a peer that has stalled has to begin to take its final error message.
constexpr std::chrono::seconds final_error_timeout{2};

/// What came of reading.
struct read_result {
  enum class kind { bytes, none, end, failed };
  kind what;
  std::size_t bytes = 0;
};

read_result read_some(int fd, char* to, std::size_t most) {
  ::ssize_t count = 0;
  do {
    count = ::recv(fd, to, most, MSG_DONTWAIT);
  } while (count < 0 && errno == EINTR);
  if (count > 0)
    return {read_result::kind::bytes, static_cast<std::size_t>(count)};
  if (count == 0)
    return {read_result::kind::end};
  return {errno == EAGAIN || errno == EWOULDBLOCK ? read_result::kind::none : read_result::kind::failed};
}

/// Empty where there is none: both sides have closed.
std::string error_text(int error) {
  return error == 0 ? std::string{} : std::generic_category().message(error);
}

/// The error for which the kernel has given a connection up.
int error_of(int fd) {
  auto error = 0;
  ::socklen_t size = sizeof error;
  ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
  return error;
}

} // namespace

connection_broker_state::connection_broker_state(connection_broker_actor::broker_pointer self, unique_fd socket,
                                                 connection_options options)
  : self_(self),
    options_(options),
    peer_({options_.socket.dead_peer_timeout, options_.stall_timeout, final_error_timeout},
          run_time(options_.ran, self->clock().now())),
    socket_(caf::make_counted<watched_socket>(
      static_cast<caf::io::network::default_multiplexer&>(self->system().middleman().backend()), std::move(socket),
      static_cast<caf::io::abstract_broker*>(self))),
    outbox_(options.begun_bytes) {}

connection_broker_state::~connection_broker_state() {
  socket_->close();
}

connection_broker_actor::behavior_type connection_broker_state::make_behavior() {
  tune_socket(socket_->fd(), options_.socket);
  return {
    [this](attach_owner& request) { owner_ = std::move(request.owner); },
    [this](send_pieces& request) { on_send(request); },
    [this](const allow_input& request) { on_allow_input(request); },
    [this](drop_unsent) { return on_drop_unsent(); },
    [this](check_peer check) { on_check_peer(check); },
    [this](finish_sending) { on_finish(); },
    [this](abort_connection) { on_abort(); },
    [this](socket_readable) { on_readable(); },
    [this](socket_writable) { write_some(); },
    [this](socket_failed) { lose(error_text(error_of(socket_->fd()))); },
    [this](linger_over) { on_linger_over(); },
  };
}

// -- sending ----------------------------------------------------------------------------------------------------------

void connection_broker_state::on_send(send_pieces& request) {
  const auto ends = [](const piece& each) { return each.ends_message; };
  messages_ += static_cast<std::uint64_t>(std::count_if(request.pieces.begin(), request.pieces.end(), ends));
  outbox_.push(std::move(request.pieces));
  if (!socket_->watches_output())
    write_some();
}

void connection_broker_state::write_some() {
  auto burst =
    std::exchange(had_first_turn_, true) ? std::max(options_.burst_bytes, unsent_limit_) : options_.first_burst_bytes;
  while (!outbox_.empty() && burst > 0) {
    const auto sent = gather_send(socket_->fd(), outbox_.peek(burst));
    if (!sent)
      return lose(error_text(errno));
    if (*sent == 0)
      break;
    outbox_.consume(*sent);
    burst -= *sent;
    took_some_ = true;
  }
  report_sent();
  socket_->watch_output(!outbox_.empty());
  if (is_finishing_ && outbox_.empty())
    end_in_order();
}

void connection_broker_state::report_sent() {
  // In as few reports as keep the owner ahead of the socket: when half of what it gave has left.
  if (outbox_.finished() > 0 && outbox_.finished() >= outbox_.messages())
    give_room();
}

void connection_broker_state::give_room() {
  if (owner_ == nullptr)
    return;
  const auto sent = outbox_.take_finished();
  self_->send(owner_, messages_sent{sent.messages, sent.bytes});
}

unsent_dropped connection_broker_state::on_drop_unsent() {
  const auto dropped = outbox_.drop_untouched();
  messages_ -= dropped;
  const auto is_complete = is_finishing_ && dropped == 0;
  is_finishing_ = is_complete;
  return {messages_, is_complete};
}

// -- receiving --------------------------------------------------------------------------------------------------------

void connection_broker_state::on_allow_input(const allow_input& request) {
  input_credit_ += request.bytes;
  if (!is_ending_)
    socket_->watch_input(input_credit_ > 0 && !has_input_ended_);
}

void connection_broker_state::on_readable() {
  if (is_ending_)
    drop_input();
  else
    read_input();
}

void connection_broker_state::read_input() {
  std::array<char, read_size> room;
  const auto got = read_some(socket_->fd(), room.data(), std::min(room.size(), input_credit_));
  switch (got.what) {
  case read_result::kind::bytes:
    input_credit_ -= got.bytes;
    socket_->watch_input(input_credit_ > 0);
    if (owner_ != nullptr)
      self_->send(owner_, input_received{{room.data(), got.bytes}});
    break;
  case read_result::kind::end:
    has_input_ended_ = true;
    socket_->watch_input(false);
    if (owner_ != nullptr)
      self_->send(owner_, input_ended{});
    break;
  case read_result::kind::failed:
    lose(error_text(errno));
    break;
  case read_result::kind::none:
    break;
  }
}

void connection_broker_state::drop_input() {
  std::array<char, read_size> room;
  const auto got = read_some(socket_->fd(), room.data(), room.size());
  if (got.what == read_result::kind::end || got.what == read_result::kind::failed)
    leave();
}

// -- the peer ---------------------------------------------------------------------------------------------------------

void connection_broker_state::on_check_peer(check_peer check) {
  const auto limit = unsent_limit(check.connections, options_.most_unsent);
  if (std::exchange(unsent_limit_, limit) != limit)
    set_unsent_limit(socket_->fd(), limit);
  // An owner that hears nothing takes its consumer for one that has stalled; so a large message is news before all of
  // it has left.
  if (std::exchange(took_some_, false) && !outbox_.empty())
    give_room();
  const auto seen = sample_peer(socket_->fd());
  if (!seen)
    return;
  switch (peer_.check(*seen, run_time(options_.ran, self_->clock().now()))) {
  case peer_verdict::present:
    break;
  case peer_verdict::stalled:
    if (owner_ != nullptr)
      self_->send(owner_, peer_stalled{options_.stall_timeout});
    break;
  case peer_verdict::gone:
    discard_unsent_on_close(socket_->fd());
    lose(seen->closed ? error_text(error_of(socket_->fd())) : "the peer takes nothing");
    break;
  }
}

// -- the end ----------------------------------------------------------------------------------------------------------

void connection_broker_state::on_finish() {
  is_finishing_ = true;
  if (outbox_.empty())
    end_in_order();
}

void connection_broker_state::end_in_order() {
  if (std::exchange(is_ending_, true))
    return;
  ::shutdown(socket_->fd(), SHUT_WR);
  socket_->watch_input(true);
  linger();
}

void connection_broker_state::linger() {
  // A weak reference: a strong one would keep the connection alive when it ends first.
  linger_timer_ =
    self_->clock().schedule_message(self_->clock().now() + options_.linger, caf::weak_actor_ptr{self_->ctrl()},
                                    caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, linger_over{}));
}

void connection_broker_state::on_linger_over() {
  // What the kernel has taken, the peer has not yet. Closed now, it would be the kernel's to decide how long it may
  // pause.
  const auto seen = sample_peer(socket_->fd());
  if (seen && seen->pending && !seen->closed)
    return linger();
  leave();
}

void connection_broker_state::on_abort() {
  discard_unsent_on_close(socket_->fd());
  leave();
}

void connection_broker_state::lose(const std::string& why) {
  if (owner_ != nullptr && !why.empty())
    self_->send(owner_, peer_lost{why});
  leave();
}

void connection_broker_state::leave() {
  linger_timer_.dispose();
  socket_->close();
  // CAF does not close the mailbox of a broker: a handle that is kept would keep the owner's memory too.
  owner_ = nullptr;
  self_->quit();
}

} // namespace dispatch::io
