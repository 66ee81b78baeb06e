#include "io/tcp/watched_socket.hpp"

#include <caf/mailbox_element.hpp>

#include <utility>

#include "messages/server.hpp"

namespace dispatch::io {

using caf::io::network::operation;

watched_socket::watched_socket(caf::io::network::default_multiplexer& multiplexer, unique_fd socket,
                               caf::io::abstract_broker* broker)
  : event_handler(multiplexer, socket.release()),
    broker_(broker),
    keep_(broker->ctrl()) {}

void watched_socket::watch_input(bool wanted) {
  if (std::exchange(watches_input_, wanted) == wanted)
    return;
  if (wanted)
    backend().add(operation::read, fd(), this);
  else
    backend().del(operation::read, fd(), this);
}

void watched_socket::watch_output(bool wanted) {
  if (std::exchange(watches_output_, wanted) == wanted)
    return;
  if (wanted)
    backend().add(operation::write, fd(), this);
  else
    backend().del(operation::write, fd(), this);
}

void watched_socket::close() {
  if (keep_ == nullptr)
    return;
  watch_input(false);
  watch_output(false);
  keep_ = nullptr;
  backend().post([self = caf::intrusive_ptr<watched_socket>{this}] {});
}

void watched_socket::handle_event(operation op) {
  switch (op) {
  case operation::read:
    if (watches_input_)
      tell(caf::make_message(socket_readable{}));
    break;
  case operation::write:
    if (watches_output_)
      tell(caf::make_message(socket_writable{}));
    break;
  case operation::propagate_error:
    // The loop drops it then.
    watches_input_ = watches_output_ = false;
    tell(caf::make_message(socket_failed{}));
    break;
  }
}

void watched_socket::tell(const caf::message& what) {
  // Either may end in the broker's handler.
  const caf::intrusive_ptr<watched_socket> self{this};
  const auto broker = keep_;
  if (broker == nullptr)
    return;
  caf::mailbox_element event{nullptr, caf::make_message_id(), {}, what};
  broker_->activate(&backend(), event);
}

} // namespace dispatch::io
