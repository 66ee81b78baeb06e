#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dispatch::test {

/// How a process ended.
struct exit_status {
  /// The exit code, or the number of the signal that ended it.
  int code = 0;
  bool signalled = false;

  /// Whether it ended by itself with this exit code.
  bool exited_with(int expected) const { return !signalled && code == expected; }

  /// "exit code 1" or "signal 9".
  std::string text() const;
};

/// A child process whose output is captured while it runs.
///
/// Its stdin is /dev/null, its signals have their default actions. It gets SIGKILL and is reaped when the
/// object is destroyed, and also when the test program dies. All functions may be called from any thread.
class process {
public:
  using milliseconds = std::chrono::milliseconds;

  enum class stream { out, err };

  /// Starts a program; returns when it runs. Throws `std::system_error` when it cannot be started.
  /// @param argv the program, looked up in PATH when it has no '/', and its arguments
  /// @param environment variables that are added to the test's own, or replace them
  explicit process(std::vector<std::string> argv, std::map<std::string, std::string> environment = {});
  process(process&&) noexcept;
  process& operator=(process&&) noexcept;
  ~process();

  /// Stays the same after the end; by then it may belong to another process, so use `signal()` to send
  /// signals.
  pid_t pid() const;

  /// All that was written so far.
  std::string out() const;
  std::string err() const;

  /// Waits for a whole line with this text in it. Lines up to the one found are used up: the next call for
  /// the same stream looks behind it. Throws `std::runtime_error`, with what was written, when the time is
  /// over or the process has ended without such a line.
  /// @returns the line, without its '\n'
  std::string wait_for_line(std::string_view text, milliseconds timeout, stream where = stream::err);

  /// The same for a line in which a pattern is found; throws `std::invalid_argument` when it is none.
  /// @param pattern a POSIX extended regular expression, such as "listening on .*:([0-9]+)"
  /// @returns the match: [0] the matching part, then its groups
  std::vector<std::string> wait_for_match(const std::string& pattern, milliseconds timeout, stream where = stream::err);

  /// How many of the whole lines written so far hold this text, used up or not.
  std::size_t count_lines(std::string_view text, stream where = stream::err) const;

  /// Sends a signal, unless the process has ended.
  /// @returns whether it was sent
  bool signal(int number);

  /// Waits for the end. After it, `out()` and `err()` hold everything that the process wrote.
  /// @returns nothing when the process still runs after `timeout`
  std::optional<exit_status> wait(milliseconds timeout);

  /// The same; throws `std::runtime_error`, with what was written, when it still runs.
  exit_status wait_for_end(milliseconds timeout);

  /// Sends SIGTERM and waits for the end, as `wait_for_end` does.
  exit_status terminate(milliseconds timeout);

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

/// What a process left behind.
struct finished_process {
  exit_status status;
  std::string out;
  std::string err;
};

/// Runs a program to its end. Throws `std::runtime_error` when it takes longer than `timeout`, in which case
/// it is killed.
finished_process run_process(std::vector<std::string> argv, process::milliseconds timeout,
                             std::map<std::string, std::string> environment = {});

} // namespace dispatch::test
