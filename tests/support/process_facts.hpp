#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <functional>

namespace dispatch::test {

/// What the kernel says a process has at the moment.
struct process_facts {
  std::size_t descriptors = 0;
  std::size_t threads = 0;
  /// What it holds in memory, in KiB.
  std::size_t resident_kib = 0;
};

/// Throws `std::runtime_error` when there is no such process.
process_facts facts_of(pid_t pid);

/// Whether every thread of a process stands still after SIGSTOP, which takes them a moment.
bool is_stopped(pid_t pid);

/// Whether every thread of a process waits for something, at each of some looks in a row. One that spins never does,
/// and one that has little to do does most of the time, however slow the machine is.
bool is_idle(pid_t pid);

/// Looks until `holds`, in between for a moment at nothing.
/// @returns whether it held in time
bool eventually(std::chrono::milliseconds timeout, const std::function<bool()>& holds);

} // namespace dispatch::test
