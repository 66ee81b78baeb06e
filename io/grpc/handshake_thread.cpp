#include "io/grpc/handshake_thread.hpp"

#include <sys/eventfd.h>

#include <cstdint>
#include <system_error>
#include <utility>

namespace dispatch::io {

handshake_thread::~handshake_thread() {
  if (stop_)
    ::eventfd_write(stop_.get(), 1);
  if (thread_.joinable())
    thread_.join();
}

void handshake_thread::start(tls::handshake_request request, callback then) {
  if (!try_to_start(std::move(request), then))
    then({});
}

bool handshake_thread::try_to_start(tls::handshake_request request, const callback& then) {
  const std::lock_guard guard{mutex_};
  if (thread_.joinable())
    return false;
  stop_ = unique_fd{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  if (!stop_)
    return false;
  request.stop_descriptor = stop_.get();
  try {
    thread_ = std::thread{[request = std::move(request), then] { then(tls::make_handshake(request)); }};
  } catch (const std::system_error&) {
    stop_ = unique_fd{};
    return false;
  }
  return true;
}

} // namespace dispatch::io
