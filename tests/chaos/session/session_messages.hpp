#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "apps/pull/line_reader.hpp"
#include "apps/pull/session/server_line.hpp"
#include "wire/session/client_message.hpp"

namespace dispatch::chaos {

/// What a session's dispatcher says, message by message, whatever form payloads have.
class session_messages {
public:
  struct message {
    pull::server_line line;
    std::string payload; ///< of a batch, as it is in raw form
  };

  explicit session_messages(payload_form form);

  void add(std::string_view bytes);

  /// The next whole message; what is no message is a `malformed_line`.
  std::optional<message> next();

  /// Bytes of a message whose end has not come.
  std::size_t pending() const noexcept { return batch_ ? lines_.pending() + 1 : lines_.pending(); }

private:
  std::optional<message> next_payload();
  static message from_text(std::string_view line);

  payload_form form_;
  pull::line_reader lines_;
  std::optional<pull::batch_line> batch_; // whose payload is due
};

} // namespace dispatch::chaos
