#pragma once

#include <httplib.h>

#include <chrono>
#include <cstddef>
#include <string>

#include "io/host_port.hpp"

namespace dispatch::admin {

/// A connection as the HTTP library sees it: the head of a request is there already and nothing follows it; and a peer
/// takes what is written within a time, or it is given up.
class bounded_stream : public httplib::Stream {
public:
  /// @param fd does not block; owned by the caller
  /// @param peer whose connection it is
  /// @param head the whole head
  /// @param write_timeout how long one write may take
  bounded_stream(int fd, io::host_port peer, std::string head, std::chrono::milliseconds write_timeout);

  bool is_readable() const override { return taken_ < head_.size(); }

  /// Whether the peer is there: one that has said that it sends nothing more is taken to have left.
  bool is_writable() const override;

  ssize_t read(char* to, std::size_t size) override;

  /// Writes all of it, or fails.
  ssize_t write(const char* from, std::size_t size) override;

  void get_remote_ip_and_port(std::string& ip, int& port) const override;

  void get_local_ip_and_port(std::string&, int&) const override {}

  socket_t socket() const override { return fd_; }

private:
  int fd_;
  io::host_port peer_;
  std::string head_;
  std::size_t taken_ = 0;
  std::chrono::milliseconds write_timeout_;
};

/// Waits until a socket is ready.
/// @param events of poll(2)
/// @returns false when the time is over
bool wait_for(int fd, short events, std::chrono::steady_clock::time_point deadline);

} // namespace dispatch::admin
