#define CAF_SUITE stop_descriptor

#include "apps/process/stop_descriptor.hpp"

#include <caf/test/unit_test.hpp>

#include <poll.h>

#include <csignal>

using dispatch::stop_descriptor;

namespace {

bool is_readable(int fd) {
  ::pollfd entry{fd, POLLIN, 0};
  return ::poll(&entry, 1, 0) == 1;
}

} // namespace

CAF_TEST(a signal that stops a tool makes the descriptor readable) {
  for (const auto signal : {SIGTERM, SIGINT, SIGQUIT}) {
    const stop_descriptor subject;
    CAF_CHECK(!subject.raised());
    CAF_CHECK(!is_readable(subject.fd()));
    std::raise(signal);
    CAF_CHECK(subject.raised());
    CAF_CHECK(is_readable(subject.fd()));
  }
}

CAF_TEST(SIGHUP that is ignored stays so) {
  const auto before = std::signal(SIGHUP, SIG_IGN);
  {
    const stop_descriptor subject;
    std::raise(SIGHUP);
    CAF_CHECK(!subject.raised());
  }
  CAF_CHECK(std::signal(SIGHUP, before) == SIG_IGN);
}
