#pragma once

#include <cstdint>
#include <string>
#include <variant>

namespace dispatch::bench {

/// The command line of the bare client, checked.
struct bare_options {
  std::string upstream = "localhost:50051"; ///< HOST:PORT of the dataset service
  std::string dataset = "mnist";
  std::int32_t batch_size = 30; ///< samples
  std::int32_t batches = 334;   ///< that a pass must have
  std::size_t calls = 0;        ///< GetBatch calls at a time; 0: a pass is one StreamBatches
  std::size_t passes = 1;
};

/// The command line says that there is nothing to measure.
struct early_exit {
  int code;         ///< 0 for --help, else 2
  std::string text; ///< for stdout when the code is 0, else one line for stderr
};

/// Reads the command line.
std::variant<bare_options, early_exit> parse_options(int argc, const char* const* argv);

} // namespace dispatch::bench
