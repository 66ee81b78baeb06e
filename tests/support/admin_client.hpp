#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "tests/support/tcp_client.hpp"

namespace dispatch::test {

struct admin_answer {
  int status = 0;
  std::string body;
};

/// Asks the admin endpoint at a port of the loopback. Throws `std::runtime_error` where there is no answer.
admin_answer get(std::uint16_t admin_port, const std::string& path);

/// The body as JSON.
nlohmann::ordered_json get_json(std::uint16_t admin_port, const std::string& path);

/// Asks again and again, until the answer is what is waited for. Throws `std::runtime_error`, with the last one, when
/// that takes longer than `tcp_client::timeout`.
admin_answer wait_for_answer(std::uint16_t admin_port, const std::string& path,
                             const std::function<bool(const admin_answer&)>& is_right);

/// The same for a body in JSON.
nlohmann::ordered_json wait_for_json(std::uint16_t admin_port, const std::string& path,
                                     const std::function<bool(const nlohmann::ordered_json&)>& is_right);

/// Follows the events.
class event_follower {
public:
  explicit event_follower(std::uint16_t admin_port);

  /// Waits for an event of this name. Throws `std::runtime_error` when the stream ends without one.
  nlohmann::ordered_json wait_for(std::string_view name);

  /// Reads to the end of the stream.
  void wait_for_end();

private:
  /// Nothing at the end.
  std::optional<nlohmann::ordered_json> next();

  tcp_client peer_;
};

} // namespace dispatch::test
