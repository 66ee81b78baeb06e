#pragma once

#include <functional>
#include <mutex>
#include <thread>

#include "io/tls/handshake.hpp"
#include "io/unique_fd.hpp"

namespace dispatch::io {

/// Makes a handshake in a thread of its own, one at a time.
class handshake_thread {
public:
  using callback = std::function<void(const tls::handshake_report&)>;

  handshake_thread() = default;

  /// Gives up the handshake under way, and returns when its callback has.
  ~handshake_thread();

  handshake_thread(const handshake_thread&) = delete;
  handshake_thread& operator=(const handshake_thread&) = delete;

  /// Starts one; `then` is called with what it shows. An empty report, at once, where another one is under way, or
  /// where there is no descriptor or thread for it. In any thread.
  void start(tls::handshake_request request, callback then);

private:
  bool try_to_start(tls::handshake_request request, const callback& then);

  std::mutex mutex_;
  /// An eventfd: readable when a handshake is to be given up.
  unique_fd stop_;
  std::thread thread_;
};

} // namespace dispatch::io
