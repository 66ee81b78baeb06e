#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
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

/// The brokers.
enum class peer_kind { redis, rabbitmq, nats };

/// The command line, checked.
struct peer_options {
  peer_kind peer = peer_kind::redis;
  pull::endpoint server;
  std::size_t clients = 1;
  std::optional<std::size_t> passes;                 ///< of each client; nothing: as many as the duration allows
  std::optional<std::chrono::milliseconds> duration; ///< after which what is open is cut; nothing: no end but the limit
  std::size_t frames = 334;                          ///< of a pass
  std::size_t ahead = 64;                            ///< frames that the publisher is before the slowest client at most
  bool fill = false;                                 ///< a pass is put in, without consumers
  bool is_kept = false;                              ///< clients read what an earlier run has put in
  std::optional<::pid_t> server_pid;                 ///< whose processor time is measured
  std::chrono::milliseconds limit{60'000};           ///< a run that takes longer is ended
};

/// The command line says that there is nothing to do.
struct early_exit {
  int code;         ///< 0 for --help, else `exit_usage`
  std::string text; ///< for stdout when the code is 0, else one line for stderr
};

/// Reads the command line.
std::variant<peer_options, early_exit> parse_options(int argc, const char* const* argv);

} // namespace dispatch::bench
