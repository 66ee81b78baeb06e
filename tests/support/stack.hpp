#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "dataset/sample_array.hpp"
#include "tests/support/process.hpp"

namespace dispatch::test {

/// A program that serves on a port of the loopback.
struct server_process {
  process program;
  std::uint16_t port = 0;
  /// Of a dispatcher.
  std::uint16_t admin_port = 0;

  std::string address() const { return "127.0.0.1:" + std::to_string(port); }
};

/// Starts `dataset-server` and waits until it serves.
/// @param port 0 for any free one
server_process start_dataset_server(std::vector<std::string> options = {}, std::uint16_t port = 0);

/// Starts a dispatcher on a free port and waits until it serves.
/// @param launcher a program that starts it, with its arguments
/// @param name of its own program
server_process start_dispatcher(std::vector<std::string> options, std::vector<std::string> launcher = {},
                                const char* name = "dispatcher");

/// Has the dispatcher log its counts.
/// @returns the lines with those of its clients and of its actors
std::string counts_of(server_process& dispatcher);

/// The number that a field has in log lines where it comes first; `std::string::npos` where there is none.
std::size_t field_of(const std::string& lines, const std::string& name);

/// The samples that the dataset server has by this name.
const dataset::sample_array& bundled_mnist();

/// What one consumer got.
struct received_pass {
  /// One sentence; empty for a complete pass: every batch once, in order, the last with EOF.
  std::string problem;
  /// Of the error frame that ended the stream.
  std::optional<std::string> error_code;
  std::string error_message;
  std::int64_t batches = 0;
  std::string samples;
};

/// Told after each frame how many there were; false makes the consumer leave with a reset.
using progress_function = std::function<bool(std::int64_t)>;

/// Connects and reads to the end.
received_pass receive_pass(std::uint16_t port, const progress_function& progress = {});

/// Several consumers at the same time; the first tells its progress.
std::vector<received_pass> receive_passes(std::uint16_t port, std::size_t count,
                                          const progress_function& progress = {});

} // namespace dispatch::test
