#pragma once

#include <chrono>
#include <string>

#include "io/unique_fd.hpp"

namespace dispatch::tls {

/// Whether a text is an address and not a name.
bool is_ip_address(const std::string& text);

/// A connection that is given up at a deadline, or when a descriptor becomes readable.
class bounded_socket {
public:
  /// Connects.
  /// @param address `ipv4:HOST:PORT`, `ipv6:[HOST]:PORT` or `unix:PATH`
  bounded_socket(const std::string& address, std::chrono::milliseconds timeout, int stop_descriptor);

  bounded_socket(const bounded_socket&) = delete;
  bounded_socket& operator=(const bounded_socket&) = delete;

  int descriptor() const { return descriptor_.get(); }
  bool is_connected() const { return is_connected_; }

  /// Waits for events of poll(2). Returns whether they came in time.
  bool wait_for(short events);

private:
  bool has_no_error() const;

  std::chrono::steady_clock::time_point deadline_;
  int stop_descriptor_;
  io::unique_fd descriptor_;
  bool is_connected_ = false;
};

} // namespace dispatch::tls
