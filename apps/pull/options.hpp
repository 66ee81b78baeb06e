#pragma once

#include "apps/pull/endpoint.hpp"
#include "apps/pull/sample_format.hpp"
#include "apps/pull/session/session_request.hpp"
#include "apps/pull/tcp_stream.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace dispatch::pull {

/// What the program's exit code says.
enum exit_code : int {
  exit_complete = 0,
  exit_incomplete = 1,
  exit_usage = 2,
  exit_no_connection = 3,
};

/// The command line, checked.
struct options {
  endpoint server;
  std::optional<endpoint> admin; ///< the dispatcher's admin endpoint; nothing: do not ask
  bool admin_was_given = false;  ///< on the command line
  connect_timeouts timeouts;
  std::chrono::milliseconds idle_timeout; ///< 0: none
  std::chrono::milliseconds delay;        ///< after each frame
  std::int64_t passes = 1;                ///< one after another; 0: until it is stopped or one fails
  std::optional<std::int64_t> expected;   ///< batches; >= 1
  std::string out;                        ///< empty: nowhere; "-": stdout
  sample_format sample;
  bool sample_was_given = false; ///< on the command line, so that other bytes are an error
  std::size_t max_line = 0;      ///< bytes
  bool quiet = false;
  bool json = false;
  bool port_is_default = true;            ///< no port was given with --connect
  std::optional<session_request> session; ///< nothing: a pass
  std::string cursor_file;                ///< of a session; empty: none
};

/// The command line says that there is nothing to do.
struct early_exit {
  int code;         ///< 0 for --help and --version, else `exit_usage`
  std::string text; ///< to be printed, to stdout for code 0 and to stderr otherwise
};

/// Reads the command line.
std::variant<options, early_exit> parse_options(int argc, const char* const* argv);

} // namespace dispatch::pull
