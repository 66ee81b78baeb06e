#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace dispatch::test {

/// What listens on a port of the loopback where a dataset server should be.
class odd_server {
public:
  /// What becomes of each connection.
  enum class behaviour {
    /// It is accepted and nothing is said.
    silent,
    /// It is reset.
    resets,
    /// It is answered in a language that is not HTTP/2, and left open.
    garbage,
  };

  /// Listens. Throws `std::system_error` where it cannot.
  /// @param port 0 for any free one
  explicit odd_server(behaviour how, std::uint16_t port = 0);

  /// Closes the port and all connections.
  ~odd_server();

  odd_server(const odd_server&) = delete;
  odd_server& operator=(const odd_server&) = delete;

  std::uint16_t port() const;

  /// Waits until there have been so many connections. Returns whether there were in time.
  bool wait_for_connections(std::size_t count, std::chrono::milliseconds timeout) const;

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace dispatch::test
