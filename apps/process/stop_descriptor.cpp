#include "apps/process/stop_descriptor.hpp"

#include <fcntl.h>
#include <poll.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <system_error>

#include "apps/process/signal_request.hpp"

namespace dispatch {

namespace {

std::atomic<int> signal_pipe{-1};

void on_signal(int) {
  auto saved = errno;
  auto fd = signal_pipe.load();
  if (fd >= 0) {
    char byte = 0;
    [[maybe_unused]] auto ignored = ::write(fd, &byte, 1);
  }
  errno = saved;
}

void handle(int signal, void (*handler)(int), int flags) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = flags;
  ::sigemptyset(&action.sa_mask);
  ::sigaction(signal, &action, nullptr);
}

/// nohup has SIGHUP ignored, which stays so.
bool is_left_alone(int signal) {
  struct sigaction action {};
  return signal == SIGHUP && ::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

void handle_stopping(void (*handler)(int), int flags) {
  for (const auto signal : requesting_signals())
    if (stops_a_tool(signal) && !is_left_alone(signal))
      handle(signal, handler, flags);
}

} // namespace

stop_descriptor::stop_descriptor() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
    throw std::system_error{errno, std::generic_category(), "pipe"};
  read_end_ = io::unique_fd{ends[0]};
  write_end_ = io::unique_fd{ends[1]};
  signal_pipe = write_end_.get();
  // Without SA_RESTART: a write that hangs at a full pipe shall notice. The default action comes back for a
  // second one.
  handle_stopping(on_signal, static_cast<int>(SA_RESETHAND));
  handle(SIGPIPE, SIG_IGN, 0);
}

stop_descriptor::~stop_descriptor() {
  handle_stopping(SIG_DFL, 0);
  handle(SIGPIPE, SIG_DFL, 0);
  signal_pipe = -1;
}

bool stop_descriptor::raised() const {
  pollfd entry{read_end_.get(), POLLIN, 0};
  return ::poll(&entry, 1, 0) > 0;
}

} // namespace dispatch
