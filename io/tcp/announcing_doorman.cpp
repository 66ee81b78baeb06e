#include "io/tcp/announcing_doorman.hpp"

namespace dispatch::io {

announcing_doorman::announcing_doorman(caf::io::network::default_multiplexer& multiplexer,
                                       caf::io::network::native_socket listening_fd)
  : caf::io::doorman(caf::io::network::accept_hdl_from_socket(listening_fd)),
    acceptor_(multiplexer, listening_fd) {}

bool announcing_doorman::new_connection() {
  if (detached())
    return false;
  return caf::io::doorman::new_connection(&acceptor_.backend(), caf::io::connection_handle{});
}

void announcing_doorman::graceful_shutdown() {
  // The broker's may be the last other reference.
  const caf::intrusive_ptr<announcing_doorman> self{this};
  const auto is_in_loop = acceptor_.eventbf() != 0;
  acceptor_.graceful_shutdown();
  detach(&acceptor_.backend(), false);
  // What is added to CAF's loop and removed again within one of its rounds was never there, and CAF does not say that
  // it is out: it would hold itself, and its descriptor, for ever. In the next round the loop has forgotten it.
  if (!is_in_loop)
    acceptor_.backend().post([self] { self->acceptor_.removed_from_loop(caf::io::network::operation::read); });
}

void announcing_doorman::launch() {
  acceptor_.start(this);
}

std::string announcing_doorman::addr() const {
  const auto known = caf::io::network::local_addr_of_fd(acceptor_.fd());
  return known ? *known : std::string{};
}

std::uint16_t announcing_doorman::port() const {
  const auto known = caf::io::network::local_port_of_fd(acceptor_.fd());
  return known ? *known : std::uint16_t{0};
}

void announcing_doorman::add_to_loop() {
  acceptor_.activate(this);
}

void announcing_doorman::remove_from_loop() {
  acceptor_.passivate();
}

} // namespace dispatch::io
