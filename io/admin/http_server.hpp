#pragma once

#include <httplib.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <thread>

#include "io/tcp/listen_socket.hpp"
#include "io/unique_fd.hpp"

namespace dispatch::admin {

/// What peers may cost.
struct http_limits {
  std::size_t max_connections = 32;
  std::size_t max_head_bytes = 16 * 1024;
  /// How long the whole head of a request may take.
  std::chrono::milliseconds head_timeout{5000};
  /// How long one write may take: that of a whole body, or of some events.
  std::chrono::milliseconds write_timeout{10'000};
  /// How long a peer that has its answer may take to close.
  std::chrono::milliseconds linger{1000};
  /// How long answers may go on when the server stops.
  std::chrono::milliseconds stop_grace{300};
};

/// Serves HTTP with bounds that the library itself does not have: it parses requests, finds handlers and writes
/// responses; connections and the bytes of requests are ours (docs/adr/0019). One request for each connection, each in
/// a thread of its own, all of them nicer to the rest of the process than that is to them.
class http_server {
public:
  http_server(io::listen_socket socket, http_limits limits);

  /// Stops.
  ~http_server();

  http_server(const http_server&) = delete;
  http_server& operator=(const http_server&) = delete;

  /// Where handlers are added, before the start.
  httplib::Server& routes() noexcept { return routes_; }

  std::uint16_t port() const noexcept { return socket_.port; }

  void start();

  /// Accepts nobody any more, gives answers that are under way `stop_grace`, cuts off the others and waits for their
  /// threads: for as long as a handler takes that runs then.
  void stop();

private:
  /// The part of the library that has no sockets.
  class router : public httplib::Server {
  public:
    using httplib::Server::process_request;

    /// The library writes a body without an end for as long as it believes to have a listening socket.
    router() { svr_sock_ = STDIN_FILENO; }
  };

  struct connection {
    /// Nothing: it has ended, and its thread can be joined.
    io::unique_fd fd;
    std::thread thread;
  };

  void accept_all();
  void accept_one();
  void reap();
  void serve(connection& peer, const io::host_port& address);
  void answer(int fd, const io::host_port& address);

  io::listen_socket socket_;
  http_limits limits_;
  router routes_;
  io::unique_fd wake_fd_;
  std::mutex mutex_;
  std::condition_variable ended_;
  std::list<connection> connections_; // guarded by mutex_
  std::thread acceptor_;
};

} // namespace dispatch::admin
