#pragma once

#include <sys/types.h>

namespace dispatch::bench {

/// User and system time of all threads of another process so far, in seconds; 0 where there is no such process.
double cpu_seconds_of(::pid_t process);

/// The same of this one.
double own_cpu_seconds();

} // namespace dispatch::bench
