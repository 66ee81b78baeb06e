#include "tests/support/multiplexer_rounds.hpp"

#include <sys/epoll.h>

#include <atomic>

namespace {

std::atomic<std::size_t> rounds{0};

} // namespace

// The linker has CAF, which is linked statically, call the one, and gives the system's as the other.
// NOLINTBEGIN(bugprone-reserved-identifier)
extern "C" {
int __real_epoll_wait(int fd, ::epoll_event* events, int most, int timeout);

int __wrap_epoll_wait(int fd, ::epoll_event* events, int most, int timeout) {
  ++rounds;
  return __real_epoll_wait(fd, events, most, timeout);
}
}
// NOLINTEND(bugprone-reserved-identifier)

namespace dispatch::test {

std::size_t multiplexer_rounds() {
  return rounds;
}

} // namespace dispatch::test
