#include "bench/peers/process_clock.hpp"

#include <ctime>

namespace dispatch::bench {

namespace {

double seconds_of(::clockid_t clock) {
  ::timespec time{};
  ::clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

} // namespace

double cpu_seconds_of(::pid_t process) {
  ::clockid_t clock{};
  return ::clock_getcpuclockid(process, &clock) == 0 ? seconds_of(clock) : 0;
}

double own_cpu_seconds() {
  return seconds_of(CLOCK_PROCESS_CPUTIME_ID);
}

} // namespace dispatch::bench
