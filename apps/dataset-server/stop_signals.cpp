#include "apps/dataset-server/stop_signals.hpp"

#include <unistd.h>

namespace dispatch::dataset {

namespace {

extern "C" void exit_at_once(int signal) {
  ::_exit(128 + signal);
}

} // namespace

stop_signals::stop_signals() {
  sigemptyset(&set_);
  sigaddset(&set_, SIGTERM);
  sigaddset(&set_, SIGINT);
  pthread_sigmask(SIG_BLOCK, &set_, nullptr);
}

int stop_signals::wait() {
  int signal = 0;
  while (sigwait(&set_, &signal) != 0) {
  }
  // A handler and not the default action, which the first process of a container does not get.
  std::signal(SIGTERM, exit_at_once);
  std::signal(SIGINT, exit_at_once);
  pthread_sigmask(SIG_UNBLOCK, &set_, nullptr);
  return signal;
}

} // namespace dispatch::dataset
