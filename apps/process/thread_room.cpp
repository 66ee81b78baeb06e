#include "apps/process/thread_room.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <future>
#include <system_error>
#include <thread>
#include <vector>

namespace dispatch {

namespace {

/// The limit of processes, which counts all threads of a user.
std::string limit_text() {
  ::rlimit limit{};
  if (::getrlimit(RLIMIT_NPROC, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
    return "unlimited";
  return std::to_string(limit.rlim_cur);
}

/// Runs threads until there are `wanted` or one cannot be started.
/// @returns how many there were
std::size_t run_threads(std::size_t wanted) {
  std::promise<void> all_run;
  const auto end = all_run.get_future().share();
  std::vector<std::thread> threads;
  threads.reserve(wanted);
  try {
    while (threads.size() < wanted)
      threads.emplace_back([end] { end.wait(); });
  } catch (const std::system_error&) {
    // As many as there are is the answer.
  }
  all_run.set_value();
  for (auto& thread : threads)
    thread.join();
  return threads.size();
}

} // namespace

std::size_t grpc_threads() {
  // Timers, executors, its event engine, and room for those that it adds under load.
  constexpr std::size_t fixed = 13;
  // It serves callbacks with a thread for every two processors, within these bounds.
  const auto processors = static_cast<std::size_t>(std::max(::sysconf(_SC_NPROCESSORS_CONF), 1L));
  return fixed + std::clamp(processors / 2, std::size_t{2}, std::size_t{16});
}

std::optional<std::string> missing_threads(std::size_t needed) {
  const auto run = run_threads(needed);
  if (run == needed)
    return std::nullopt;
  return std::to_string(needed) + " threads are needed and only " + std::to_string(run)
         + " can be started: raise the limit of processes (ulimit -u: " + limit_text()
         + ") or that of the container or unit (pids.max, TasksMax)";
}

} // namespace dispatch
