#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/stack.hpp"

namespace dispatch::test {

/// Starts tests/integration/python_service.py, a dataset service written with Debian's python3-grpcio from the same
/// contract: what most users have.
inline server_process start_python_service(std::vector<std::string> options = {}) {
  std::vector<std::string> command{"/usr/bin/python3", DISPATCHER_PYTHON_SERVICE, "--generated",
                                   DISPATCHER_PYTHON_GENERATED};
  command.insert(command.end(), options.begin(), options.end());
  process program{std::move(command)};
  const auto port = std::stoi(program.wait_for_match("serving port=([0-9]+)", std::chrono::seconds{60}).at(1));
  return {std::move(program), static_cast<std::uint16_t>(port)};
}

/// Starts a dispatcher that streams the dataset of that service.
inline server_process start_counting(const server_process& upstream, int batch_size,
                                     std::vector<std::string> options = {}) {
  options.insert(options.end(), {"--upstream", upstream.address(), "--dataset", "counting", "--batch-size",
                                 std::to_string(batch_size)});
  return start_dispatcher(std::move(options));
}

/// The first `count` samples of its dataset `counting`: sample i is the byte i % 251, 16 times.
inline std::string counting_samples(int count) {
  std::string result;
  for (auto i = 0; i < count; ++i)
    result.append(16, static_cast<char>(i % 251));
  return result;
}

} // namespace dispatch::test
