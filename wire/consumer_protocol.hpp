#pragma once

#include <cstdint>
#include <memory>

#include "wire/pieces.hpp"
#include "wire/status_code.hpp"

namespace dispatch {

/// What the formats of all consumers have in common: each can say why it ends. A pure function of what goes in: no
/// actors, sockets or clocks.
class consumer_protocol {
public:
  virtual ~consumer_protocol() = default;

  /// Appends the message that ends a connection before its time.
  /// @param index number of messages that were sent before it; in the classic protocol the batch that cannot be had
  virtual void encode_error(std::int32_t index, const failure& reason, pieces& out) const = 0;
};

using consumer_protocol_ptr = std::shared_ptr<const consumer_protocol>;

} // namespace dispatch
