#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tests/chaos/log_tail.hpp"
#include "tests/support/process.hpp"

namespace dispatch::chaos {

/// A program that runs beside us with its log in a file, for runs that are too long to hold it. It gets SIGKILL at the
/// end.
class logged_program {
public:
  /// Starts it. Throws `std::system_error` when it cannot be started.
  /// @param command the program's path and its arguments
  /// @param log gets what it writes to stderr, behind what it holds already
  logged_program(std::vector<std::string> command, const std::filesystem::path& log);

  pid_t pid() const { return process_.pid(); }

  bool signal(int number) { return process_.signal(number); }

  /// How it ended; nothing while it runs.
  std::optional<test::exit_status> ended() { return process_.wait(std::chrono::milliseconds{0}); }

  /// Lines that it has written since the last call.
  std::vector<std::string> new_lines() { return log_.new_lines(); }

private:
  log_tail log_; // from before the start
  test::process process_;
};

} // namespace dispatch::chaos
