#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "apps/pull/endpoint.hpp"

namespace dispatch::bench {

/// What the program's exit code says.
enum exit_code : int {
  exit_complete = 0,   ///< all that ended was complete and in order
  exit_incomplete = 1, ///< something was not
  exit_usage = 2,
};

/// The command line, checked.
struct load_options {
  pull::endpoint server;
  std::size_t clients = 1;                           ///< that read; at least 1, or 0 with stalled ones
  std::optional<std::size_t> passes;                 ///< of each client; nothing: as many as the duration allows
  std::optional<std::chrono::milliseconds> duration; ///< after which what is open is cut; nothing: no end but the limit
  std::size_t slow = 0;                              ///< of the clients
  std::size_t slow_rate = 1 << 20;                   ///< bytes that a slow client reads in a second
  std::size_t stalled = 0;                           ///< clients besides that connect and never read
  bool sequential = false;                           ///< one client after another
  std::optional<std::int64_t> expected;              ///< batches of a pass, or of each epoch of a session or group
  bool is_session = false;                           ///< clients open sessions
  std::string hello = "{}";                          ///< further members of their hello, see `hello_line()`
  bool is_group = false;                             ///< clients are members of one group
  bool acknowledges = false;                         ///< clients say which batches they have had
  std::chrono::milliseconds ramp{0};                 ///< the first connections are spread over so long
  std::chrono::milliseconds limit{120'000};          ///< a run that takes longer is ended
  std::size_t threads = 1;
  std::string json; ///< a file for the result; empty: stdout
};

/// The command line says that there is nothing to do.
struct early_exit {
  int code;         ///< 0 for --help and --version, else `exit_usage`
  std::string text; ///< for stdout when the code is 0, else one line for stderr
};

/// Reads the command line.
std::variant<load_options, early_exit> parse_options(int argc, const char* const* argv);

} // namespace dispatch::bench
