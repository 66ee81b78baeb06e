#pragma once

#include <chrono>
#include <string>

#include "io/admin/json_text.hpp"
#include "messages/inspector.hpp"

namespace dispatch::admin {

/// What is known of the service without asking it.
struct service_facts {
  std::string version;
  std::chrono::system_clock::time_point started_at;
  /// Every option as resolved, by its name.
  json config = json::object();
};

/// What `/status` answers: docs/status.md.
json status_json(const service_report& report, const service_facts& facts);

} // namespace dispatch::admin
