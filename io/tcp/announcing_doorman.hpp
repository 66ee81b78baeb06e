#pragma once

#include <caf/io/all.hpp>
#include <caf/io/network/acceptor_impl.hpp>
#include <caf/io/network/default_multiplexer.hpp>

#include <cstdint>
#include <string>

namespace dispatch::io {

/// Tells its broker that a consumer wants to connect, by a `new_connection_msg` without a handle, and leaves the
/// accepting to it. CAF's own doorman accepts, and does not say when it fails: without a free descriptor it tries for
/// ever, with all of a core.
class announcing_doorman : public caf::io::doorman {
public:
  /// Takes over `listening_fd`.
  announcing_doorman(caf::io::network::default_multiplexer& multiplexer, caf::io::network::native_socket listening_fd);

  bool new_connection() override;
  void graceful_shutdown() override;
  void launch() override;
  std::string addr() const override;
  std::uint16_t port() const override;
  void add_to_loop() override;
  void remove_from_loop() override;

private:
  struct announce {
    static bool try_accept(caf::io::network::native_socket& accepted, caf::io::network::native_socket listening) {
      // Any socket will do, so that the announcement is made.
      accepted = listening;
      return true;
    }
  };

  caf::io::network::acceptor_impl<announce> acceptor_;
};

} // namespace dispatch::io
