#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tests/support/stack.hpp"

namespace dispatch::test {

/// Starts a dispatcher that comes to a fault: see `faulty_dispatcher.cpp`.
inline server_process start_faulty_dispatcher(const std::string& fault, std::vector<std::string> options) {
  return start_dispatcher(std::move(options), {"env", "DISPATCHER_FAULT=" + fault}, "dispatcher-faulty");
}

} // namespace dispatch::test
