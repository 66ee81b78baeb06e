#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "io/host_port.hpp"

namespace dispatch::bench {

/// The command line of the floor server, checked.
struct floor_options {
  io::host_port listen{"127.0.0.1", 0};
  std::string dataset = "mnist";     ///< one of the bundled datasets
  std::int32_t batch_size = 30;      ///< samples
  bool is_session = false;           ///< frames are those of a session with raw payloads
  std::uint64_t epochs = 1;          ///< of a session
  std::size_t unsent_limit = 131072; ///< bytes (TCP_NOTSENT_LOWAT)
};

/// The command line says that there is nothing to serve.
struct early_exit {
  int code;         ///< 0 for --help, else 2
  std::string text; ///< for stdout when the code is 0, else one line for stderr
};

/// Reads the command line.
std::variant<floor_options, early_exit> parse_options(int argc, const char* const* argv);

} // namespace dispatch::bench
